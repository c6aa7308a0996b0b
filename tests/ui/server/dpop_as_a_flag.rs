struct Notes;

#[mcp::server(issuer = "https://auth.example.com", resource = "https://notes.example.com/mcp", dpop = true)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {}
