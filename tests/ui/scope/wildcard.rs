struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
<<<<<<< HEAD
    scopes = ["*"],
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
=======
    scopes = ["notes:read"],
    optional_scopes = ["notes:write"],
)]
impl Notes {
    /// Add a note.
    #[mcp::tool(scopes = ["notes:*"])]
    fn add(&self) {}
>>>>>>> 616943b (Let the compile-fail tests and the docs have the keys of others)
}

fn main() {}
