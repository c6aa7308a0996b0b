struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    unsafe fn add(&self) {}
}

fn main() {}
