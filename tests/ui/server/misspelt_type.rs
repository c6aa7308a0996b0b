struct Notes;

#[mcp::server]
impl Note {
    /// Say hello.
    #[mcp::tool]
    async fn hello(&self) -> String {
        String::new()
    }
}

fn main() {
    drop(Notes);
}
