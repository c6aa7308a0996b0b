struct Notes;

#[mcp::server(website = "notes.example.com")]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {}
