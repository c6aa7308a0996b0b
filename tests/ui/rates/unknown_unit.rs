struct Notes;

#[mcp::server(issuer = "https://auth.example.com", resource = "https://mcp.example.com/mcp")]
impl Notes {
    /// Add a note.
    #[mcp::tool(rate = "30/day")]
    fn add_note(&self) {}
}

fn main() {}
