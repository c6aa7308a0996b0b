//! A server whose scopes are asked for by other names than tokens have.

struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://notes.example.com/mcp",
    scopes = ["notes.read"],
    optional_scopes = ["notes.write", "notes.share"],
    extra_scopes = ["openid", "notes.write"],
    scope_prefix = "https://notes.example.com/mcp/",
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}

    /// Add a note.
    #[mcp::tool(scopes = ["notes.write"])]
    fn add(&self) {}

    /// Share the notes.
    #[mcp::tool(scopes = ["notes.share"])]
    fn share(&self) {}
}
