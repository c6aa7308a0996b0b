struct Notes;

#[mcp::server]
unsafe impl Notes {
    /// Say hello.
    #[mcp::tool]
    async fn hello(&self) -> String {
        String::new()
    }
}

fn main() {
    let _ = mcp::Http::open(Notes);
}
