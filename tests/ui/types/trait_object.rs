struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, value: Box<dyn std::fmt::Display>) {
        drop(value);
    }
}

fn main() {}
