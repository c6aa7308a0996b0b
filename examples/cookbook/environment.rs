//! Other addresses in production, by a `Protection`.

use mcp::testing::TestClient;
use mcp::{AccessToken, Http, Protection, StaticTokens};

struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "http://127.0.0.1:8000/mcp",
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list_notes(&self) -> Vec<String> {
        vec![]
    }
}

pub(crate) async fn run() -> crate::Outcome {
    // In your program: `std::env::var("NOTES_RESOURCE")?`.
    let protection = Protection::of::<Notes>()
        .issuer("https://login.example.org")?
        .resource("https://notes.example.org/mcp")?;
    // The rules of the attribute hold, and a violation ends the program before it listens.
    assert!(Protection::of::<Notes>().resource("http://notes.example.org/mcp").is_err());

    let tokens = StaticTokens::new([("alice-token", AccessToken::ours("alice"))]);
    let client = TestClient::new(Http::protected(Notes, tokens).protection(protection));
    let refused = client.list_tools().await;
    assert!(refused.www_authenticate().is_some_and(|challenge| challenge.contains("https://notes.example.org/")));
    Ok(())
}
