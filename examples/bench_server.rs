//! The server that measurements start: three small tools behind a bearer token.
//!
//! `cargo run --release --example bench_server`; the variable `PORT` says where on loopback it listens (8000), and `RT=ct`
//! puts everything on one thread.

use mcp::{AccessToken, Http, StaticTokens};

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

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port: u16 = std::env::var("PORT").map_or(Ok(8000), |port| port.parse())?;
    let one_thread = std::env::var("RT").is_ok_and(|runtime| runtime == "ct");
    let mut runtime = match one_thread {
        true => tokio::runtime::Builder::new_current_thread(),
        false => tokio::runtime::Builder::new_multi_thread(),
    };
    let tokens = StaticTokens::new([("alice-token", AccessToken::new("alice").scopes(["notes:read"]))]);
    let protection = mcp::Protection::of::<Bench>().resource(format!("http://127.0.0.1:{port}/mcp"))?;
    let http = Http::protected(Bench, tokens).protection(protection);
    Ok(runtime.enable_all().build()?.block_on(http.serve(("127.0.0.1", port)))?)
}
