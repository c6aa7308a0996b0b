use std::marker::PhantomData;

struct Notes<T>(PhantomData<T>);

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:write"],
)]
impl<T: Send + Sync + 'static> Notes<T> {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

struct Search;

#[mcp::part(of = Notes<u8>)]
impl Search {
    #[mcp::resource("search://all", scopes = ["notes:find", "notes:write"])]
    fn all(&self) -> String {
        String::new()
    }
}

fn main() {}
