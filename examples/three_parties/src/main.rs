//! All three parties of MCP authorization on loopback: an authorization server, a protected server, and a client.
//!
//! `cargo run --example three_parties` lets the client go through everything, and shows each request. With `-- --serve`,
//! the parties stay, for a person with a browser.

mod authorization_server;
mod browser;
mod client;
mod enterprise;
mod http;
mod narrate;
mod parties;
mod server;
mod signing;
mod story;

use std::process::ExitCode;

use narrate::Narrator;

/// Something, or why there is none, for a person.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> ExitCode {
    let narrator = Narrator::on_stdout();
    match narrate::conclude(&narrator, story::tell(&narrator).await) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            narrator.say(&format!("✗ {error}"));
            ExitCode::FAILURE
        }
    }
}
