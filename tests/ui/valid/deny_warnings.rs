//! A crate.
#![deny(
    warnings,
    unused,
    missing_docs,
    nonstandard_style,
    future_incompatible,
    rust_2018_idioms,
    rust_2021_compatibility,
    rust_2024_compatibility
)]
/// A server.
#[derive(Debug)]
pub struct S;
#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:write"],
)]
impl S {
    /// List.
    #[mcp::tool(read_only, title = "T")]
    pub async fn list(
        &self,
        /** How many. */
        #[arg(default = 1, range = 1..=5)]
        n: u8,
        names: ::std::vec::Vec<::std::string::String>,
        token: &::mcp::AccessToken,
        cx: &::mcp::Context,
    ) -> ::core::result::Result<::std::string::String, ::mcp::Error> {
        let _ = (n, names, cx);
        ::core::result::Result::Ok(token.client_id.clone())
    }
    /// Block.
    #[mcp::tool(blocking, scopes = ["notes:write"])]
    pub fn block(&self, text: ::core::option::Option<::std::string::String>) -> ::std::string::String {
        text.unwrap_or_default()
    }
    /// A note.
    #[mcp::resource("notes://{id}{?q}")]
    pub fn note(&self, id: u64, q: ::core::option::Option<::std::string::String>) -> ::std::string::String {
        let _ = (id, q);
        ::std::string::String::new()
    }
    /// A prompt.
    #[mcp::prompt]
    pub fn letter(&self, language: ::std::string::String) -> ::std::string::String {
        language
    }
    /// Complete.
    #[mcp::completion(prompt = "letter", argument = "language")]
    pub fn languages(&self, language: ::std::string::String) -> ::std::vec::Vec<::std::string::String> {
        ::std::vec![language]
    }
}
/// Main.
fn main() {
    drop(mcp::Http::protected(S, mcp::StaticTokens::new([("t", mcp::AccessToken::ours("c"))])));
}
