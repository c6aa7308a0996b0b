//! The project's own commands, run as `cargo xtask COMMAND`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people, who read what it prints")]

mod attack;
mod bench;
mod budget;
mod ci;
mod conformance;
mod deny;
mod fuzz;
mod interop;
mod layers;
mod npm;
mod prose;
mod public_api;
mod replicas;
mod restarts;
mod server;
mod side_by_side;
mod soak;
mod supply;
mod verdicts;
mod workspace;

use std::process::ExitCode;

use workspace::{Outcome, Workspace};

const USAGE: &str = "\
usage: cargo xtask COMMAND

  ci           format, lints, features, docs, tests, and everything below
  bench        measure what a request costs, here, by hand and on rmcp, and write docs/performance.md
               (--quick: only here, against the figures in the repository; --bless: store those;
               --crowd: only many clients at once, into their section of the page)
  layers       check the order of crates, layers and files
  prose        check the form of doc comments, and the tests that pages name
  public-api   compare the public API with docs/public-api.txt, and name the types of other crates in it
               (--bless: store it)
  budget       count what a user of the framework has to compile
  deny         check licences, sources and bans of all dependencies
  supply       check spelling, unused dependencies, the packages, and the oldest allowed dependencies
  fuzz         look for inputs that break a property of `fuzz/`, for five minutes each
               (TARGET [SECONDS]: one of them; --smoke: as many inputs as in `ci`)
  verdicts     compare the verdicts about mutated tokens with those of jose, PyJWT and jsonwebtoken
               (--quick: about fewer, and the same ones each time)
  attack       let one caller take everything, beside another one who works (--quick: a twentieth of it)
  conformance  put the `everything` example to the test with the official conformance suite
  soak         serve a mixed load for five minutes, and look at memory, descriptors and each answer
               (--quick: for twenty seconds)
  restarts     replace servers behind nginx under load, a hundred times, and count the lost requests
               (--quick: ten times)
  replicas     put three instances with Redis between them to the test, with outages, and write docs/scaling.md
               (--quick: in minutes, and compare the page)
  interop      put other examples to the test with clients and authorization servers from PyPI, npm and crates.io";

type Run = fn(&Workspace) -> Outcome;

/// A command with its arguments.
type Command<'a> = Box<dyn FnOnce(&Workspace) -> Outcome + 'a>;

/// The commands, by their words.
const COMMANDS: &[(&[&str], Run)] = &[
    (&["ci"], ci::run),
    (&["bench"], bench::run),
    (&["bench", "--quick"], bench::quick),
    (&["bench", "--bless"], bench::bless),
    (&["bench", "--crowd"], bench::crowd),
    (&["layers"], layers::run),
    (&["prose"], prose::run),
    (&["public-api"], public_api::run),
    (&["public-api", "--bless"], public_api::bless),
    (&["budget"], budget::run),
    (&["deny"], deny::run),
    (&["supply"], supply::run),
    (&["fuzz"], fuzz::run),
    (&["fuzz", "--smoke"], fuzz::smoke),
    (&["verdicts"], verdicts::run),
    (&["verdicts", "--quick"], verdicts::quick),
    (&["attack"], attack::run),
    (&["attack", "--quick"], attack::quick),
    (&["conformance"], conformance::run),
    (&["soak"], soak::run),
    (&["soak", "--quick"], soak::quick),
    (&["restarts"], restarts::run),
    (&["restarts", "--quick"], restarts::quick),
    (&["replicas"], replicas::run),
    (&["replicas", "--quick"], replicas::quick),
    (&["interop"], interop::run),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if arguments.iter().any(|argument| ["--help", "-h", "help"].contains(argument)) {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    match command(&arguments).and_then(|run| run(&Workspace::find()?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns the command for the arguments, or a complaint about them.
fn command<'a>(arguments: &[&'a str]) -> Outcome<Command<'a>> {
    if let Some((_, run)) = COMMANDS.iter().find(|(words, _)| *words == arguments) {
        return Ok(Box::new(*run));
    }
    if let ["fuzz", target, seconds @ ..] = arguments
        && !target.starts_with('-')
    {
        let (target, seconds) = (*target, number(seconds)?);
        return Ok(Box::new(move |workspace| fuzz::run_one(workspace, target, seconds)));
    }
    let Some((name, rest)) = arguments.split_first() else {
        return Err(format!("a command is missing\n\n{USAGE}"));
    };
    let known: Vec<_> = COMMANDS.iter().filter(|(words, _)| words.first() == Some(name)).collect();
    let options: Vec<&str> = known.iter().filter_map(|(words, _)| words.get(1).copied()).collect();
    let wrong = match (known.is_empty(), options.is_empty()) {
        (true, _) => format!("there is no command `{name}`"),
        (_, true) => format!("`{name}` takes no arguments, and was given `{}`", rest.join(" ")),
        _ => format!("`{name}` takes nothing or one of {}, and was given `{}`", options.join(", "), rest.join(" ")),
    };
    Err(format!("{wrong}\n\n{USAGE}"))
}

/// Reads an optional number.
fn number(words: &[&str]) -> Outcome<Option<u32>> {
    match words {
        [] => Ok(None),
        [seconds] if seconds.parse::<u32>().is_ok() => Ok(seconds.parse().ok()),
        other => Err(format!("behind the target stands a number of seconds, not `{}`\n\n{USAGE}", other.join(" "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_arguments_is_said() {
        for (arguments, expected) in [
            ([].as_slice(), "a command is missing"),
            (&["bnech"], "there is no command `bnech`"),
            (&["ci", "--quick"], "`ci` takes no arguments, and was given `--quick`"),
            (&["fuzz", "bearer", "5m"], "behind the target stands a number of seconds, not `5m`"),
            (
                &["bench", "--quick", "--bless"],
                "`bench` takes nothing or one of --quick, --bless, --crowd, and was given `--quick --bless`",
            ),
        ] {
            let Err(error) = command(arguments) else { panic!("{arguments:?} are wrong") };
            assert_eq!(error.lines().next(), Some(expected));
            assert!(error.ends_with(USAGE));
        }
        for (words, _) in COMMANDS {
            assert!(command(words).is_ok(), "{words:?}");
            assert!(USAGE.contains(&format!("\n  {}", words[0])), "{words:?}");
        }
        assert!(command(&["fuzz", "bearer", "60"]).is_ok());
    }
}
