//! The project's own commands, run as `cargo xtask COMMAND`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people, who read what it prints")]

mod bench;
mod budget;
mod ci;
mod conformance;
mod deny;
mod interop;
mod npm;
mod server;
mod workspace;

use std::process::ExitCode;

use workspace::Workspace;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  ci           format, lints, features, docs, tests, and everything below
  bench        measure what a request costs, here, by hand and on rmcp, and write docs/performance.md
               (--quick: only here, against the figures in the repository; --bless: store those)
  budget       count what a user of the framework has to compile
  deny         check licences, sources and bans of all dependencies
  conformance  put the `everything` example to the test with the official conformance suite
  interop      put other examples to the test with clients and authorization servers from PyPI, npm and crates.io";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["ci"] => Workspace::find().and_then(|workspace| ci::run(&workspace)),
        ["bench"] => Workspace::find().and_then(|workspace| bench::run(&workspace)),
        ["bench", "--quick"] => Workspace::find().and_then(|workspace| bench::quick(&workspace)),
        ["bench", "--bless"] => Workspace::find().and_then(|workspace| bench::bless(&workspace)),
        ["budget"] => Workspace::find().and_then(|workspace| budget::run(&workspace)),
        ["deny"] => Workspace::find().and_then(|workspace| deny::run(&workspace)),
        ["conformance"] => Workspace::find().and_then(|workspace| conformance::run(&workspace)),
        ["interop"] => Workspace::find().and_then(|workspace| interop::run(&workspace)),
        _ => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
