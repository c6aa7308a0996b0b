struct Notes;

#[mcp::server]
impl Notes {
    /// Read every note.
    #[mcp::tool]
    #[mcp::resource("notes://all")]
    fn all(&self) -> String {
        String::new()
    }
}

fn main() {}
