struct Notes;

#[mcp::server(crate = "mcp")]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {}
