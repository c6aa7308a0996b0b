#![deny(warnings)]

struct S;
#[cfg_attr(
    all(),
    mcp::server(
        issuer = "https://auth.example.com",
        resource = "https://mcp.example.com/mcp",
        scopes = ["notes:read"],
        optional_scopes = ["notes:write"],
    )
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
