struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:write"],
)]
impl Notes {
    #[mcp::resource("notes://all", scopes = ["notes:wirte"])]
    fn note(&self) -> String {
        String::new()
    }
}

fn main() {}
