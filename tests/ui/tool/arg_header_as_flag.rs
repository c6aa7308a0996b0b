struct Notes;

#[mcp::server]
impl Notes {
    /// List notes.
    #[mcp::tool]
    fn list(&self, #[arg(header)] region: String) -> String {
        region
    }
}

fn main() {}
