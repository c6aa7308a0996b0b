#![deny(warnings)]

struct S {
    n: std::sync::Mutex<u8>,
}
#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:write"],
)]
impl S {
    /// Do it.
    #[mcp::tool]
    async fn a(&self) -> String {
        {
            let g = self.n.lock().unwrap();
            drop(g);
        }
        tokio::task::yield_now().await;
        String::new()
    }
}
fn main() {
    let _ = mcp::Http::protected(
        S { n: std::sync::Mutex::new(1) },
        mcp::StaticTokens::new([("t", mcp::AccessToken::ours("c"))]),
    );
}
