#![deny(warnings)]

pub struct S;
#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:write"],
)]
impl S {
    /// Say hello.
    #[mcp::tool]
    async fn hello(&self) -> String {
        String::new()
    }
}
fn main() {}
