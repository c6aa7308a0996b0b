struct Notes;

#[mcp::server]
pub impl Notes {
    /// Say hello.
    #[mcp::tool]
    async fn hello(&self) -> String {
        String::new()
    }
}

fn main() {
    let _ = mcp::Http::open(Notes);
}
