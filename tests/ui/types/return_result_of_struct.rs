#[derive(serde::Serialize, schemars::JsonSchema)]
struct Note {}

struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self) -> Result<Note, mcp::Error> {
        Ok(Note {})
    }
}

fn main() {}
