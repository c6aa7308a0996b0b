struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::tool]
    fn add(&self, #[arg(nam = "text")] note: String) -> String {
        note
    }

    #[mcp::resource("notes://{id}/{part}", mime = "text/plain")]
    fn note(&self, id: u64) -> String {
        id.to_string()
    }

    /// Summarise notes.
    #[mcp::prompt(name = "sum up")]
    fn summary(&self, #[arg(range = 1..)] count: u8, text: impl Into<String>) -> String {
        format!("{count} {}", text.into())
    }

    #[mcp::completion(prompt = "sum up", argument = "count")]
    fn counts(&mut self, count: String) -> Vec<String> {
        vec![count]
    }
}

fn main() {}
