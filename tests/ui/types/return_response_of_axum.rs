struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self) -> axum::response::Response {
        todo!()
    }
}

fn main() {}
