struct Notes;

#[mcp::server]
impl Notes {
    /// Summarise notes.
    #[mcp::prompt]
    fn summary(&self, folder: String) -> String {
        folder
    }
}

struct Folders;

#[mcp::part(of = Notes)]
impl Folders {
    #[mcp::completion(prompt = "summary", argument = "folder")]
    fn folders(&self, folder: String) -> Vec<String> {
        vec![folder]
    }
}

fn main() {}
