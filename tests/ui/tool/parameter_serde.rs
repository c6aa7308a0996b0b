struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:write"],
)]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, #[serde(rename = "noteText")] text: String) {
        let _ = text;
    }
}

fn main() {}
