struct Notes;

#[mcp::server]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) -> Vec<String> {
        Vec::new()
    }

    /// Write a letter.
    #[mcp::prompt]
    fn letter(&self, language: ) -> String {
        language
    }

    #[mcp::completion(prompt = "letter", argument = "language")]
    fn languages(&self, language: String) -> Vec<String> {
        vec![language]
    }
}

fn main() {
    let _ = mcp::Http::open(Notes);
    drop(Notes.list());
}
