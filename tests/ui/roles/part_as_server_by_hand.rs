struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:write"],
)]
impl Notes {
    /// Delete every note.
    #[mcp::tool(scopes = ["notes:write"])]
    fn clear(&self) {}
}

struct Search;

#[mcp::part(of = Notes)]
impl Search {
    /// Find notes.
    #[mcp::tool(scopes = ["notes:write"])]
    fn find(&self, text: String) -> String {
        text
    }
}

impl mcp::Server for Search {}

fn main() {
    let _ = mcp::MemoryClient::new(Search);
}
