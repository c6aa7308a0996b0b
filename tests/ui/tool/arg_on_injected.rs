struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, #[arg(description = "Who calls")] token: Option<&mcp::AccessToken>) {
        let _ = token;
    }
}

fn main() {}
