#![deny(warnings)]
#![allow(dead_code)]
struct S;
#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:write"],
)]
impl S {
    #[deprecated]
    #[must_use]
    #[inline]
    #[allow(clippy::unused_async)]
    /// Do it.
    #[mcp::tool]
    async fn a(&self) -> String {
        String::new()
    }
    pub(crate) async fn b(&self) -> String {
        String::new()
    }
}
fn main() {
    let _ = mcp::Http::protected(S, mcp::StaticTokens::new([("t", mcp::AccessToken::ours("c"))]));
}
