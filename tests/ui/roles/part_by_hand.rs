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

struct Open;

#[mcp::server]
impl Open {
    /// Say hello.
    #[mcp::tool]
    fn hello(&self) {}
}

struct Search;

#[mcp::part(of = Notes)]
impl Search {
    /// Find notes.
    #[mcp::tool(scopes = ["notes:write"])]
    fn find(&self, text: String) -> String {
        text
    }
}

impl mcp::Part for Search {}

fn main() {}
