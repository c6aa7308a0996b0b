struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::guard]
    fn owner(&self) -> Result<(), mcp::Denied> {
        Ok(())
    }

    /// Write a letter.
    #[mcp::prompt(guard = owner)]
    fn letter(&self, language: String) -> String {
        language
    }

    #[mcp::completion(prompt = "letter", argument = "language", guard = owner)]
    fn languages(&self, language: String) -> Vec<String> {
        vec![language]
    }
}

fn main() {}
