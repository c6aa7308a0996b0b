struct Notes;

trait Notebook {
    fn list(&self) -> Vec<String>;
}

#[mcp::server]
impl Notebook for Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) -> Vec<String> {
        Vec::new()
    }
}

fn main() {}
