//! All three parties of MCP authorization on loopback: an authorization server, a protected server, and a client. A
//! fourth is the next server, which the protected one calls.
//!
//! `cargo run --example three_parties` lets the client go through everything, and shows each request. With `-- --serve`,
//! the parties stay, for a person with a browser.

#![expect(clippy::print_stderr, reason = "a program for a person, who reads what it prints")]

mod authorization_server;
mod browser;
mod calendar;
mod client;
mod enterprise;
mod http;
mod narrate;
mod page;
mod parties;
mod serve;
mod server;
mod signing;
mod story;

use std::process::ExitCode;

use narrate::Narrator;

/// A result whose error is a message for a person.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> ExitCode {
    let narrator = Narrator::on_stdout();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => story::tell(&narrator).await.map_err(|error| narrator.located(&*error)),
        ["--serve"] => serve::serve(&narrator).await.map_err(|error| error.to_string()),
        _ => Err("usage: three_parties [--serve]".to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("✗ {error}");
            ExitCode::FAILURE
        }
    }
}
