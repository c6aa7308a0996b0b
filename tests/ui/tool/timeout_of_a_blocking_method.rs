struct Notes;

#[mcp::server]
impl Notes {
    /// List every note.
    #[mcp::tool(blocking, timeout = "10s")]
    fn list(&self) -> String {
        String::new()
    }
}

fn main() {}
