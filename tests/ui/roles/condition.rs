struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:write"],
)]
impl Notes {
    /// Delete every note.
    #[mcp::tool(scopes = ["notes:write"])]
    fn clear(&self) {}
}

fn serve<S: mcp::Server>(server: S)
where
    S: mcp::Block<Role = mcp::__private::role::Open>,
{
    let _ = mcp::Http::open(server);
}

fn main() {
    serve(Notes);
}
