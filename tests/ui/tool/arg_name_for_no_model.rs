struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, #[arg(name = "the text")] text: String) -> String {
        text
    }

    /// Measure a note.
    #[mcp::tool]
    fn measure(&self, größe: u32) -> u32 {
        größe
    }

    /// Write an answer to a note.
    #[mcp::tool]
    fn answer(
        &self,
        #[arg(name = "the_answer_to_the_note_that_was_written_last_in_the_notebook_of_today")] text: String,
    ) -> String {
        text
    }
}

fn main() {}
