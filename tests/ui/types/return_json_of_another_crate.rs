struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self) -> mcp::Json<axum::extract::Extension<String>> {
        todo!()
    }
}

fn main() {}
