#[derive(serde::Serialize, schemars::JsonSchema)]
struct Note {}

struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn list(&self) -> Vec<Note> {
        Vec::new()
    }
}

fn main() {}
