//! A server with a tool that reports its progress, and a list of tools that may change.

use mcp::Context;
use mcp_bench::{Outcome, run, serve};

struct Bench;

#[mcp::server(issuer = "https://auth.example.com", resource = "http://127.0.0.1:8000/mcp", scopes = ["notes:read"])]
impl Bench {
    /// Add two numbers, and report three steps.
    #[mcp::tool(read_only)]
    async fn steps(&self, a: i64, b: i64, cx: &Context) -> String {
        for step in 1..=3 {
            cx.progress(f64::from(step));
        }
        a.wrapping_add(b).to_string()
    }
}

fn main() -> Outcome {
    run(serve(Bench))
}
