struct Notes;

#[mcp::server]
impl Notes {
    /// List notes.
    #[mcp::tool]
    fn list(&self, #[arg(header = "Region")] from: String, #[arg(header = "REGION")] to: String) -> String {
        from + &to
    }
}

fn main() {}
