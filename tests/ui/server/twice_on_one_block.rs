struct Notes;

#[mcp::server(name = "notes")]
#[mcp::server(title = "Notes")]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {}
