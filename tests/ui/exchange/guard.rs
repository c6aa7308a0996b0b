struct Calendar;

impl mcp::Target for Calendar {
    const RESOURCE: &str = "https://calendar.example.com";
}

struct Assistant;

#[mcp::server(issuer = "https://auth.example.com", resource = "https://assistant.example.com/mcp")]
impl Assistant {
    #[mcp::guard]
    async fn has_events(&self, calendar: &mcp::Downstream<Calendar>) -> Result<(), mcp::Denied> {
        drop(calendar.token().await?);
        Ok(())
    }

    /// List the events of today.
    #[mcp::tool(guard = has_events)]
    fn today(&self) {}
}

fn main() {}
