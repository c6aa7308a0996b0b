use mcp::{AccessToken, Http, StaticTokens};

struct Notes;

#[mcp::server]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {
    let tokens = StaticTokens::new([("alice-token", AccessToken::ours("alice"))]);
    let _ = Http::protected(Notes, tokens);
}
