struct Notes;

#[mcp::server]
impl Notes {
    /// List notes.
    #[mcp::tool]
    fn list(&self, #[arg(header = "My Region")] region: String, #[arg(header = "")] zone: String) -> String {
        region + &zone
    }
}

fn main() {}
