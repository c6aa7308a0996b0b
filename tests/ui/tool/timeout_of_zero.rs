struct Notes;

#[mcp::server]
impl Notes {
    /// List every note.
    #[mcp::tool(timeout = "0s")]
    async fn list(&self) -> String {
        String::new()
    }
}

fn main() {}
