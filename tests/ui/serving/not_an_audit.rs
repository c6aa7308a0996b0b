struct Notes;

#[mcp::server(issuer = "https://auth.example.com", resource = "https://mcp.example.com/mcp")]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self) {}
}

struct Journal;

fn serve(tokens: mcp::StaticTokens) {
    let _ = mcp::Http::protected(Notes, tokens).audit(Journal);
}

fn main() {}
