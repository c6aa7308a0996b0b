struct Open;

#[mcp::server]
impl Open {
    /// Say hello.
    #[mcp::tool]
    fn hello(&self) {}
}

struct Search;

impl mcp::Part for Search {}

fn main() {}
