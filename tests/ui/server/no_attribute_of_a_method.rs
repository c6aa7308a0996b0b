struct Notes;

#[mcp::server]
impl Notes {
    /// List every note.
    #[mcp::method]
    fn list(&self) {}
}

fn main() {}
