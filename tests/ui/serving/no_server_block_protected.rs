use mcp::{AccessToken, Http, StaticTokens};

struct Notes;

fn main() {
    let tokens = StaticTokens::new([("alice-token", AccessToken::ours("alice"))]);
    let _ = Http::protected(Notes, tokens);
}
