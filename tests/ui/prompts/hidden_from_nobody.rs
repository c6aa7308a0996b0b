struct Reviews;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:write"],
)]
impl Reviews {
    /// Review code.
    #[mcp::prompt(scopes = ["notes:read"], hidden)]
    fn review(&self) -> String {
        String::new()
    }
}

fn main() {}
