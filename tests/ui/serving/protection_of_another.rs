use mcp::{AccessToken, Http, Protection, StaticTokens};

struct Notes;

#[mcp::server(issuer = "https://auth.example.com", resource = "https://mcp.example.com/notes")]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

struct Tasks;

#[mcp::server(issuer = "https://auth.example.com", resource = "https://mcp.example.com/tasks", scopes = ["tasks"])]
impl Tasks {
    /// List every task.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {
    let tokens = StaticTokens::new([("alice-token", AccessToken::ours("alice"))]);
    let _ = Http::protected(Tasks, tokens).protection(Protection::of::<Notes>());
}
