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

trait Served {
    type Server: mcp::Open;

    fn server(self) -> Self::Server;
}

impl Served for Notes {
    type Server = Notes;

    fn server(self) -> Notes {
        self
    }
}

fn serve(served: impl Served) {
    let _ = mcp::Http::open(served.server());
}

fn main() {
    serve(Notes);
}
