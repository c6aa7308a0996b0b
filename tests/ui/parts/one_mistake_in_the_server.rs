use mcp::{AccessToken, Http, StaticTokens};

struct Notes;

#[mcp::server(
    issuer = "http://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"],
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

struct Search;

#[mcp::part(of = Notes)]
impl Search {
    /// Find notes.
    #[mcp::tool(scopes = ["notes:find"])]
    fn find(&self, token: &AccessToken) -> String {
        token.client_id.clone()
    }
}

fn main() {
    let tokens = StaticTokens::new([("alice-token", AccessToken::ours("alice"))]);
    let _ = Http::protected(Notes, tokens).with(Search);
}
