struct Note;

struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, notes: Vec<Note>) {
        drop(notes);
    }
}

fn main() {}
