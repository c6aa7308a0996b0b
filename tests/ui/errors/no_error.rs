struct Failure;

struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self) -> Result<String, Failure> {
        Err(Failure)
    }
}

fn main() {}
