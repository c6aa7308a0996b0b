//! Tokens that are JWTs. Logs as many as the variable `TOKENS` says, one a line, before it listens.

use mcp::testing::TestIssuer;
use mcp::{Http, JwtVerifier, Protection};
use mcp_bench::{Outcome, port, protection, resource, run};

struct Bench;

#[mcp::server(issuer = "https://auth.example.com", resource = "http://127.0.0.1:8000/mcp", scopes = ["notes:read"])]
impl Bench {
    /// Add two numbers.
    #[mcp::tool(read_only)]
    async fn add(&self, a: i64, b: i64) -> String {
        a.wrapping_add(b).to_string()
    }
}

async fn serve() -> Outcome {
    let port = port()?;
    let issuer = TestIssuer::start().await?;
    let tokens: usize = std::env::var("TOKENS")?.parse()?;
    for number in 0..tokens {
        eprintln!(
            "{}",
            issuer.token(&resource(port)).client_id(format!("client-{number}")).scopes(["notes:read"]).mint()
        );
    }
    let protection: Protection<Bench> = protection(port)?.issuer(issuer.url())?;
    let verifier = JwtVerifier::builder(&protection).build()?;
    Ok(Http::protected(Bench, verifier).protection(protection).serve(("127.0.0.1", port)).await?)
}

fn main() -> Outcome {
    run(serve())
}
