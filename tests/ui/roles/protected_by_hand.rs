struct Open;

#[mcp::server]
impl Open {
    /// Say hello.
    #[mcp::tool]
    fn hello(&self) {}
}

impl mcp::Protected for Open {}

fn main() {
    let _ = mcp::Protection::of::<Open>();
}
