#[derive(serde::Serialize, schemars::JsonSchema)]
struct Note {}

struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self) -> Note {
        Note {}
    }
}

fn main() {}
