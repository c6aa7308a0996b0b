struct Calendar;

struct Assistant;

#[mcp::server(issuer = "https://auth.example.com", resource = "https://assistant.example.com/mcp")]
impl Assistant {
    /// List the events of today.
    #[mcp::tool]
    fn today(&self, calendar: &mcp::Downstream<Calendar>) -> String {
        format!("{calendar:p}")
    }
}

fn main() {}
