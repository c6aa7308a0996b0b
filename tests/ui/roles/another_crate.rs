mod mine {
    pub mod __private {
        pub use mcp::__private::*;
        pub mod role {
            pub use mcp::__private::role::Open as Protected;
        }
    }
}

struct Notes;

#[mcp::server(
    crate = crate::mine,
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"],
)]
impl Notes {
    /// Delete every note.
    #[mcp::tool]
    fn clear(&self) {}
}

fn main() {
    let _ = mcp::Http::open(Notes);
}
