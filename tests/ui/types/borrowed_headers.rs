struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, headers: &axum::http::HeaderMap) {
        drop(headers);
    }
}

fn main() {}
