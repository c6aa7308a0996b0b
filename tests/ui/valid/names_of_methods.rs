#![deny(warnings)]
#![allow(non_snake_case)]
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
    fn new(&self, #[allow(unused)] x: u8) -> String {
        ::std::string::String::new()
    }
    /// Do it.
    #[mcp::tool]
    fn clone(&self, #[allow(unused)] x: u8) -> String {
        ::std::string::String::new()
    }
    /// Do it.
    #[mcp::tool]
    fn TOOLS(&self, #[allow(unused)] x: u8) -> String {
        ::std::string::String::new()
    }
    /// Do it.
    #[mcp::tool]
    fn NAME(&self, #[allow(unused)] x: u8) -> String {
        ::std::string::String::new()
    }
    /// Do it.
    #[mcp::tool]
    fn default(&self, #[allow(unused)] x: u8) -> String {
        ::std::string::String::new()
    }
    /// Do it.
    #[mcp::tool]
    fn drop(&self, #[allow(unused)] x: u8) -> String {
        ::std::string::String::new()
    }
    /// Do it.
    #[mcp::tool]
    fn into_tool_result(&self, #[allow(unused)] x: u8) -> String {
        ::std::string::String::new()
    }
    /// Do it.
    #[mcp::tool]
    fn from_request(&self, #[allow(unused)] x: u8) -> String {
        ::std::string::String::new()
    }
    /// Do it.
    #[mcp::tool]
    fn take(&self, #[allow(unused)] x: u8) -> String {
        ::std::string::String::new()
    }
    /// Do it.
    #[mcp::tool]
    fn blocking(&self, #[allow(unused)] x: u8) -> String {
        ::std::string::String::new()
    }
    /// Do it.
    #[mcp::tool]
    fn call(&self, #[allow(unused)] x: u8) -> String {
        ::std::string::String::new()
    }
    /// Do it.
    #[mcp::tool]
    fn server(&self, #[allow(unused)] x: u8) -> String {
        ::std::string::String::new()
    }
    /// Do it.
    #[mcp::tool]
    fn fmt(&self, #[allow(unused)] x: u8) -> String {
        ::std::string::String::new()
    }
    /// Do it.
    #[mcp::tool]
    fn scopes(&self, #[allow(unused)] x: u8) -> String {
        ::std::string::String::new()
    }
    /// Do it.
    #[mcp::tool]
    fn r#type(&self, #[allow(unused)] x: u8) -> String {
        ::std::string::String::new()
    }
    /// Do it.
    #[mcp::tool]
    fn r#match(&self, #[allow(unused)] x: u8) -> String {
        ::std::string::String::new()
    }
    /// Do it.
    #[mcp::tool]
    fn main(&self, #[allow(unused)] x: u8) -> String {
        ::std::string::String::new()
    }
    /// Do it.
    #[mcp::tool]
    fn output_schema(&self, #[allow(unused)] x: u8) -> String {
        ::std::string::String::new()
    }
}
fn main() {
    let _ = mcp::Http::protected(S, mcp::StaticTokens::new([("t", mcp::AccessToken::ours("c"))]));
}
