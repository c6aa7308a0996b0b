use std::marker::PhantomData;

trait Mode: Send + Sync + 'static {}

struct Everyone;

impl Mode for Everyone {}

struct Notes<M>(PhantomData<M>);

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"],
)]
impl<M: Mode> Notes<M> {
    /// Delete every note.
    #[mcp::tool]
    fn clear(&self) {}
}

impl<M: Mode> mcp::Open for Notes<M> where Notes<M>: mcp::Block<Role = mcp::__private::role::Open> {}

fn main() {}
