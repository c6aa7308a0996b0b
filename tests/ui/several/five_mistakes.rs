use mcp::AccessToken;

struct Notes;

#[mcp::server(
    issuer = "http://auth.example.com",
    resource = "https://mcp.example.com/mcp/",
    scopes = ["notes:read"],
)]
impl Notes {
    #[mcp::tool]
    async fn list(&self) -> Vec<String> {
        Vec::new()
    }

    /// Add a note.
    #[mcp::tool(scopes = ["notes:raed"])]
    async fn add(&mut self, text: String, token: &AccessToken) -> String {
        format!("{} added {text:?}", token.client_id)
    }
}

fn main() {}
