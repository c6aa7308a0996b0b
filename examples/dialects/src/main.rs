//! Serves [`Dialects`] on the address that the environment variable `MCP_LISTEN` has, `127.0.0.1:8000` without it.

#![expect(clippy::print_stdout, reason = "a program for a person, who reads what it prints")]

use std::env;

use dialects::Dialects;
use mcp::Http;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let address = env::var("MCP_LISTEN").unwrap_or_else(|_| "127.0.0.1:8000".to_owned());
    let http = dialects::mount(Http::open(Dialects));
    println!("http://{address}/mcp\n{}", http.summary());
    http.serve(&address).await
}
