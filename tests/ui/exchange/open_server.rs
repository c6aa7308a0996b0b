struct Calendar;

impl mcp::Target for Calendar {
    const RESOURCE: &str = "https://calendar.example.com";
}

struct Assistant;

#[mcp::server]
impl Assistant {
    /// List the events of today.
    #[mcp::tool]
    async fn today(&self, calendar: &mcp::Downstream<Calendar>) -> Result<(), mcp::Error> {
        drop(calendar.token().await?);
        Ok(())
    }
}

fn main() {}
