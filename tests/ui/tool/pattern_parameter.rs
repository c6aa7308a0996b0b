struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, (first, second): (String, String)) {
        drop((first, second));
    }
}

fn main() {}
