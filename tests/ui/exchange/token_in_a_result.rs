struct Calendar;

impl mcp::Target for Calendar {
    const RESOURCE: &str = "https://calendar.example.com";
}

struct Assistant;

#[mcp::server(issuer = "https://auth.example.com", resource = "https://assistant.example.com/mcp")]
impl Assistant {
    /// Give the token away.
    #[mcp::tool]
    async fn leak(&self, calendar: &mcp::Downstream<Calendar>) -> Result<mcp::Json<mcp::DownstreamToken>, mcp::Error> {
        Ok(mcp::Json(calendar.token().await?))
    }
}

fn main() {}
