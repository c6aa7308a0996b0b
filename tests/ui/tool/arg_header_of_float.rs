struct Notes;

#[mcp::server]
impl Notes {
    /// List notes.
    #[mcp::tool]
    fn list(&self, #[arg(header = "Limit")] limit: f64, #[arg(header = "Tags")] tags: Vec<String>) -> String {
        format!("{limit} {tags:?}")
    }
}

fn main() {}
