//! More scopes for some arguments, by a guard that returns `Denied::scopes`.

use mcp::testing::TestClient;
use mcp::{AccessToken, Denied, Http, StaticTokens};
use serde_json::json;

struct Payments;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://pay.example.com/mcp",
    scopes = ["pay"],
    optional_scopes = ["pay:large"],
)]
impl Payments {
    #[mcp::guard]
    fn large(&self, amount: u64, token: &AccessToken) -> Result<(), Denied> {
        if amount > 1000 && !token.allows("pay:large") { Err(Denied::scopes(["pay:large"])) } else { Ok(()) }
    }

    /// Pay an amount.
    #[mcp::tool(guard = large)]
    fn pay(&self, amount: u64) -> String {
        format!("Paid {amount}")
    }
}

pub(crate) async fn run() -> crate::Outcome {
    let tokens = StaticTokens::new([("alice-token", AccessToken::ours("alice").with_scopes("pay"))]);
    let client = TestClient::new(Http::protected(Payments, tokens)).token("alice-token");
    assert_eq!(client.call_tool("pay", json!({"amount": 10})).await.status(), 200);
    // The client requests the scope, and tries again.
    let refused = client.call_tool("pay", json!({"amount": 5000})).await;
    assert_eq!(refused.status(), 403);
    assert!(refused.www_authenticate().is_some_and(|challenge| challenge.contains(r#"scope="pay pay:large""#)));
    Ok(())
}
