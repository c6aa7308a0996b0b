struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:list"],
    hierarchy = ["notes:read" > "notes:list"],
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

struct Search;

#[mcp::part(of = Notes)]
impl Search {
    /// Find notes.
    #[mcp::tool(scopes = ["notes:list"], hidden)]
    fn find(&self, text: String) -> String {
        text
    }
}

fn main() {}
