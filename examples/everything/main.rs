//! One of everything that a server can have. It is what the official conformance suite is run against, and a place to
//! look up how a thing is written.
//!
//! Run it with `cargo run --example everything`. It listens on the port that the environment variable `PORT` names, 8000
//! when there is none. The same behind an authorization server is in `protected.rs`.

#![allow(clippy::needless_pass_by_value, reason = "what a client gives is owned, whatever a method does with it")]
#![expect(clippy::print_stdout, reason = "a program for a person, who reads what it prints")]

mod parts;

use std::env;
use std::error::Error;

use mcp::Http;

/// The block that is called first. The rest is in the parts.
struct Everything;

#[mcp::server(
    title = "Everything",
    instructions = "Call the tools whose names begin with `test_` as the conformance suite does.",
    icons = ["https://modelcontextprotocol.io/favicon.svg"],
    website = "https://modelcontextprotocol.io",
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
    let http = parts::mount(Http::open(Everything));
    println!("http://127.0.0.1:{port}\n{}", http.summary());
    http.serve(("127.0.0.1", port)).await?;
    Ok(())
}
