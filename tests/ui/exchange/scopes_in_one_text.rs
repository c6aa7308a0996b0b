struct Calendar;

impl mcp::Target for Calendar {
    const RESOURCE: &str = "https://calendar.example.com";
    const SCOPES: &[&str] = &["events:read events:write"];
}

struct Assistant;

#[mcp::server(issuer = "https://auth.example.com", resource = "https://assistant.example.com/mcp")]
impl Assistant {
    /// List the events of today.
    #[mcp::tool]
    async fn today(&self, calendar: &mcp::Downstream<Calendar>) -> Result<(), mcp::Error> {
        drop(calendar.token().await?);
        Ok(())
    }
}

fn main() {}
