//! The parts of `everything`, behind an authorization server: what they do is the same, and who may call them is settled
//! before they are reached.
//!
//! Run it with `cargo run --example everything_protected`, and call it with the token `everything-token`.

#![allow(clippy::needless_pass_by_value, reason = "what a client gives is owned, whatever a method does with it")]
#![expect(clippy::print_stdout, reason = "a program for a person, who reads what it prints")]

mod parts;

use std::env;
use std::error::Error;

use mcp::{AccessToken, Http, Protection, StaticTokens};

struct Everything;

#[mcp::server(
    title = "Everything",
    issuer = "https://auth.example.com",
    resource = "http://127.0.0.1:8000/mcp",
    scopes = ["everything"],
)]
impl Everything {
    /// Return a text.
    #[mcp::tool(title = "A simple text", read_only)]
    fn test_simple_text(&self) -> &'static str {
        "This is a simple text response for testing."
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (log, _flushed_at_the_end) = tracing_appender::non_blocking(std::io::stderr());
    tracing_subscriber::fmt().with_writer(log).init();
    let port: u16 = match env::var("PORT") {
        Ok(port) => port.parse().map_err(|_| format!("PORT: {port:?} is not a port"))?,
        Err(_) => 8000,
    };
    let tokens = StaticTokens::new([("everything-token", AccessToken::ours("suite").with_scopes(["everything"]))]);
    // The port is another one than in the source, and so is the address that clients are sent to.
    let protection = Protection::of::<Everything>().resource(format!("http://127.0.0.1:{port}/mcp"))?;
    let http = parts::mount(Http::protected(Everything, tokens).protection(protection));
    println!("{}", http.summary());
    http.serve(("127.0.0.1", port)).await?;
    Ok(())
}
