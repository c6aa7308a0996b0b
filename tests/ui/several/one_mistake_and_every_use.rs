use mcp::{AccessToken, Http, MemoryClient, Protection, StaticTokens};

struct Notes;

#[mcp::server(
    issuer = "http://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"],
)]
impl Notes {
    /// Add a note.
    #[mcp::tool(scopes = ["notes:read"])]
    async fn add(
        &self,
        /// The text of the note.
        #[arg(length = 1..)]
        text: String,
        token: &AccessToken,
    ) -> String {
        format!("{} added {text:?}", token.client_id)
    }
}

fn main() {
    let tokens = StaticTokens::new([("alice-token", AccessToken::ours("alice"))]);
    let _ = Http::protected(Notes, tokens);
    let _ = Http::open(Notes);
    let _ = MemoryClient::new(Notes);
    let _ = Protection::of::<Notes>();
}
