#![deny(warnings)]

struct S;
#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:write"],
)]
impl S {
    /// Do it.
    #[mcp::tool(blocking)]
    fn a(&self, call: u8, request: u8, server: u8, token: &mcp::AccessToken) -> String {
        format!("{call}{request}{server}{}", token.client_id)
    }
}
fn main() {
    let _ = mcp::Http::protected(S, mcp::StaticTokens::new([("t", mcp::AccessToken::ours("c"))]));
}
