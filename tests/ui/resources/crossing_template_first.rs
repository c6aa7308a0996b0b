struct Files;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://files.example.com/mcp",
    scopes = ["read"],
    optional_scopes = ["admin", "audit"],
)]
impl Files {
    #[mcp::resource("users://{id}/profile")]
    fn id_of(&self, id: String) -> String {
        id
    }

    #[mcp::resource("users://admin/{page}", scopes = ["admin"])]
    fn page_of(&self, page: String) -> String {
        page
    }
}

fn main() {}
