use std::fmt;

struct Failure;

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("failed")
    }
}

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
