struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    async fn add(&self) {
        let result: Result<(), Box<dyn std::error::Error>> = Ok(());
        std::future::ready(()).await;
        drop(result);
    }
}

fn main() {
    let _ = mcp::Http::open(Notes);
}
