struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self) -> std::time::Instant {
        std::time::Instant::now()
    }
}

fn main() {}
