#![deny(warnings)]

struct S;
#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:write"],
)]
impl S {
    #[doc = include_str!("../README.md")]
    #[mcp::tool]
    async fn a(&self) -> String {
        String::new()
    }
}
fn main() {
    let _ = mcp::Http::protected(S, mcp::StaticTokens::new([("t", mcp::AccessToken::ours("c"))]));
}
