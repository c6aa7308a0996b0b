struct Notes;

#[mcp::server(resource_documentation = "https://example.com/docs")]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {}
