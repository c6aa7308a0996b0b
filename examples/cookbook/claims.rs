//! Claims of the token, deserialized once by an extractor.

use mcp::{AccessToken, Denied, FromRequest, MemoryClient, Request};

#[derive(serde::Deserialize)]
struct Caller {
    department: String,
}

impl FromRequest for Caller {
    async fn from_request(request: &Request<'_>) -> Result<Self, Denied> {
        let token = request.token().ok_or(Denied::absent("this needs an access token"))?;
        token.claims().map_err(|_| Denied::absent("the access token names no department"))
    }
}

struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://notes.example.com/mcp",
)]
impl Notes {
    /// Name the department of the caller.
    #[mcp::tool]
    fn department(&self, caller: &Caller) -> String {
        caller.department.clone()
    }
}

pub(crate) async fn run() -> crate::Outcome {
    let client = MemoryClient::new(Notes);
    let token = AccessToken::ours("alice").with_claim("department", "sales");
    assert_eq!(client.with_token(token).call_tool("department", ()).await?.text(), "sales");
    let denied = client.with_token(AccessToken::ours("bob")).call_tool("department", ()).await?;
    assert_eq!(denied.text(), "the access token names no department");
    Ok(())
}
