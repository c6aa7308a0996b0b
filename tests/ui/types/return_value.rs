struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self) -> serde_json::Value {
        todo!()
    }
}

fn main() {}
