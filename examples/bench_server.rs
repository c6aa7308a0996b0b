//! The server that measurements start: three small tools behind a bearer token, on loopback.
//!
//! `cargo run --release --example bench_server` says nothing when all is well, and answers until Ctrl-C:
//!
//! ```sh
//! curl http://127.0.0.1:8000/mcp -H 'Authorization: Bearer alice-token' -H 'Content-Type: application/json' -d '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add","arguments":{"a":1,"b":2}}}'
//! ```
//!
//! | tool | arguments | answer |
//! |---|---|---|
//! | `add` | the integers `a` and `b` | their sum |
//! | `blob` | the text `data` | its length in bytes |
//! | `whoami` | none | `alice`, whose token is `alice-token`, the only one |
//!
//! | variable | value |
//! |---|---|
//! | `PORT` | where to listen on `127.0.0.1`; 8000 when not set |
//! | `RT` | `ct` puts everything on one thread; with anything else, there is one for each processor |

#![expect(clippy::print_stderr, reason = "a program for a person, who reads what it prints")]

use std::env::{self, VarError};
use std::num::NonZeroU16;
use std::process::ExitCode;

use mcp::{AccessToken, Http, Protection, StaticTokens};
use tokio::runtime;

struct Bench;

#[mcp::server(issuer = "https://auth.example.com", resource = "http://127.0.0.1:8000/mcp", scopes = ["notes:read"])]
impl Bench {
    /// Add two numbers.
    #[mcp::tool(read_only)]
    async fn add(&self, a: i64, b: i64) -> String {
        a.wrapping_add(b).to_string()
    }

    /// Measure how long a text is, in bytes.
    #[mcp::tool(read_only)]
    async fn blob(&self, data: String) -> String {
        data.len().to_string()
    }

    /// Report which OAuth client is calling.
    #[mcp::tool(read_only)]
    async fn whoami(&self, token: &AccessToken) -> String {
        token.client_id.clone()
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let port = port()?;
    let mut runtime = match env::var("RT").is_ok_and(|runtime| runtime == "ct") {
        true => runtime::Builder::new_current_thread(),
        false => runtime::Builder::new_multi_thread(),
    };
    let tokens = StaticTokens::new([("alice-token", AccessToken::ours("alice").with_scopes(["notes:read"]))]);
    let protection = Protection::of::<Bench>().resource(format!("http://127.0.0.1:{port}/mcp"))?;
    let http = Http::protected(Bench, tokens).protection(protection);
    let served = runtime.enable_all().build()?.block_on(http.serve(("127.0.0.1", port)));
    served.map_err(|error| format!("{error}; the variable PORT sets another port").into())
}

fn port() -> Result<u16, &'static str> {
    let port = match env::var("PORT") {
        Err(VarError::NotPresent) => return Ok(8000),
        Err(VarError::NotUnicode(_)) => None,
        Ok(port) => port.parse().ok(),
    };
    port.map(NonZeroU16::get).ok_or("PORT: not a port; write a number from 1 to 65535, such as `8000`")
}
