struct Notes;

#[mcp::server]
impl &Notes {
    /// Say hello.
    #[mcp::tool]
    async fn hello(&self) -> String {
        String::new()
    }
}

fn main() {
    drop(Notes);
}
