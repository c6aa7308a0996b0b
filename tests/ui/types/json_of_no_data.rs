struct Note;

struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self) -> mcp::Json<Note> {
        mcp::Json(Note)
    }
}

fn main() {}
