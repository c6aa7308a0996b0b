struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, text: axum::extract::Path<String>) {
        drop(text);
    }
}

fn main() {}
