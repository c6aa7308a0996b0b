#![deny(warnings)]

use mcp::*;
struct S;
#[server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:write"],
)]
impl S {
    /// Say hello.
    #[tool]
    async fn hello(&self) -> std::string::String {
        String::new()
    }
}
fn main() {
    let _ = Http::protected(S, StaticTokens::new([("t", AccessToken::ours("c"))]));
}
