#![deny(warnings)]

#[derive(Debug, mcp::ToolError)]
#[tool_error(shown)]
enum Told {
    Shown,
}
impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("x")
    }
}
impl std::error::Error for Told {}
type Alias<T> = Result<T, String>;
struct S;
#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:write"],
)]
impl S {
    /// Do it.
    #[mcp::tool]
    async fn a(&self) -> anyhow::Result<String> {
        anyhow::bail!("x")
    }
    /// Do it.
    #[mcp::tool]
    async fn b(&self) -> std::io::Result<String> {
        std::fs::read_to_string("x")
    }
    /// Do it.
    #[mcp::tool]
    async fn c(&self) -> Result<String, Told> {
        Err(Told::Shown)
    }
    /// Do it.
    #[mcp::tool]
    async fn d(&self) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
        Err("x".into())
    }
    /// Do it.
    #[mcp::tool]
    async fn e(&self) -> Result<(), String> {
        Ok(())
    }
    /// Do it.
    #[mcp::tool]
    async fn f(&self) -> Alias<mcp::Json<Vec<u8>>> {
        Ok(mcp::Json(vec![]))
    }
    /// Do it.
    #[mcp::tool]
    async fn g(&self) {}
    /// Do it.
    #[mcp::tool]
    async fn h(&self) -> std::borrow::Cow<'static, str> {
        "x".into()
    }
    /// Do it.
    #[mcp::tool]
    async fn i(&self) -> Result<mcp::Json<serde_json::Value>, std::fmt::Error> {
        Ok(mcp::Json(serde_json::json!({})))
    }
    /// Do it.
    #[mcp::tool]
    async fn j(&self) -> mcp::Json<std::collections::HashMap<String, u8>> {
        mcp::Json(Default::default())
    }
}
fn main() {
    let _ = mcp::Http::protected(S, mcp::StaticTokens::new([("t", mcp::AccessToken::ours("c"))]));
}
