struct Failure;

fn fails() -> Result<(), Failure> {
    Err(Failure)
}

struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self) -> Result<String, mcp::Error> {
        fails()?;
        Ok(String::new())
    }
}

fn main() {}
