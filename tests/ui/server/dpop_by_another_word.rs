struct Notes;

#[mcp::server(issuer = "https://auth.example.com", resource = "https://notes.example.com/mcp", dpop = "optional")]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {}
