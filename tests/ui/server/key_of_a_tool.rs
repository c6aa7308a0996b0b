struct Notes;

#[mcp::server(
    read_only,
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {}
