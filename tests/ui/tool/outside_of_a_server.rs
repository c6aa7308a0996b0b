struct Notes;

impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(
        &self,
        /// The text of the note.
        #[arg(length = 1..)]
        text: String,
    ) {
        drop(text);
    }
}

fn main() {}
