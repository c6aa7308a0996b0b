struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:write"],
)]
impl Notes {
    /// Delete every note.
    #[mcp::tool(scopes = ["notes:write"])]
    fn clear(&self) {}
}

#[mcp::server]
impl Notes {
    /// Delete every note, whoever asks.
    #[mcp::tool]
    fn clear_for_everyone(&self) {
        self.clear();
    }
}

fn main() {
    let _ = mcp::Http::open(Notes);
}
