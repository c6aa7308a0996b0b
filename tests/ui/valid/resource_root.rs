#![deny(warnings)]

struct S;
#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com",
    scopes = ["notes:read"],
)]
impl S {
    /// Say hello.
    #[mcp::tool]
    async fn hello(&self) -> String {
        String::new()
    }
}
fn main() {
    let _ = mcp::Http::protected(S, mcp::StaticTokens::new([("t", mcp::AccessToken::ours("c"))]));
}
