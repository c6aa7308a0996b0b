#![deny(warnings)]

struct S;
#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:write"],
)]
impl S {
    #[tracing::instrument(skip(self))]
    /// Do it.
    #[mcp::tool]
    async fn a(&self, x: u8) -> String {
        String::new()
    }
    /// Do it.
    #[mcp::tool]
    #[tracing::instrument(skip(self))]
    async fn b(&self, x: u8) -> String {
        String::new()
    }
}
fn main() {
    let _ = mcp::Http::protected(S, mcp::StaticTokens::new([("t", mcp::AccessToken::ours("c"))]));
}
