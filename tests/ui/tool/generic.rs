struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add<T: Into<String>>(&self, text: T) {
        drop(text.into());
    }
}

fn main() {}
