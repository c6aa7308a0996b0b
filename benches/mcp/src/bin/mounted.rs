//! The server of the examples as part of an axum app.

use mcp::AccessToken;
use mcp_bench::{Outcome, mount, run};

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

fn main() -> Outcome {
    run(mount(Bench))
}
