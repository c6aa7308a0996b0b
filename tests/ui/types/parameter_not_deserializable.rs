struct Note;

struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, note: Note) {
        drop(note);
    }
}

fn main() {}
