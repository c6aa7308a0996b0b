struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, state: axum::extract::State<Vec<String>>) {
        drop(state);
    }
}

fn main() {}
