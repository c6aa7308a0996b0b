#[mcp::server]
impl<T> T {
    /// Say hello.
    #[mcp::tool]
    async fn hello(&self) -> String {
        String::new()
    }
}

fn main() {}
