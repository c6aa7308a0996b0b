struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self) -> axum::extract::Extension<String> {
        todo!()
    }
}

fn main() {}
