struct Notes;

#[mcp::server(
    issuer = "http://keycloak:8080/realms/notes",
    resource = "https://mcp.example.com/mcp",
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {}
