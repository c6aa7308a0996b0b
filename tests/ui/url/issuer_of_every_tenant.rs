struct Notes;

#[mcp::server(
    issuer = "https://login.microsoftonline.com/{tenantid}/v2.0",
    resource = "https://mcp.example.com/mcp",
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {}
