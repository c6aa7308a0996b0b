//! A server whose tokens are JWTs, or one fixed token.
//!
//! It logs as many JWTs as the variable `TOKENS` says, one a line, before it listens. With a variable `FIXED` instead, it
//! logs one token, which is found in a table and not verified.

use mcp::testing::TestIssuer;
use mcp::{AccessToken, Http, JwtVerifier, Protection, StaticTokens};
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
    let token = |client: usize| {
        issuer.token(&resource(port)).client_id(format!("client-{client}")).scopes(["notes:read"]).mint()
    };
    let protection: Protection<Bench> = protection(port)?.issuer(issuer.url())?;
    if std::env::var_os("FIXED").is_some() {
        let token = token(0);
        eprintln!("{token}");
        let tokens = StaticTokens::new([(token, AccessToken::ours("client-0").with_scopes(["notes:read"]))]);
        return Ok(Http::protected(Bench, tokens).protection(protection).serve(("127.0.0.1", port)).await?);
    }
    let tokens: usize = std::env::var("TOKENS")?.parse()?;
    (0..tokens).for_each(|client| eprintln!("{}", token(client)));
    let verifier = JwtVerifier::builder(&protection).build()?;
    Ok(Http::protected(Bench, verifier).protection(protection).serve(("127.0.0.1", port)).await?)
}

fn main() -> Outcome {
    run(serve())
}
