//! Tenants that are kept apart, by a guard whose answer does not tell.

use mcp::{AccessToken, Denied, MemoryClient};
use serde_json::json;

struct Tracker;

impl Tracker {
    /// Stands for the query of a database.
    async fn tenant_of(&self, id: u64) -> std::io::Result<Option<&'static str>> {
        Ok(match id {
            1 => Some("acme"),
            2 => Some("globex"),
            _ => None,
        })
    }
}

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://tracker.example.com/mcp",
)]
impl Tracker {
    #[mcp::guard]
    async fn same_tenant(&self, id: u64, token: &AccessToken) -> Result<(), Denied> {
        #[derive(serde::Deserialize)]
        struct Claims {
            tenant: String,
        }
        let Claims { tenant } = token.claims().map_err(|_| Denied::absent("the access token names no tenant"))?;
        if self.tenant_of(id).await? == Some(tenant.as_str()) { Ok(()) } else { Err(Denied::not_found()) }
    }

    /// Close an issue.
    #[mcp::tool(guard = same_tenant)]
    fn close(&self, id: u64) -> String {
        format!("Closed {id}")
    }
}

pub(crate) async fn run() -> crate::Outcome {
    let token = AccessToken::ours("alice").with_claim("tenant", "acme");
    let client = MemoryClient::new(Tracker).with_token(token);
    assert_eq!(client.call_tool("close", json!({"id": 1})).await?.text(), "Closed 1");
    let foreign = client.call_tool("close", json!({"id": 2})).await?.text();
    let missing = client.call_tool("close", json!({"id": 3})).await?.text();
    assert_eq!(foreign, missing);
    Ok(())
}
