struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self) -> std::pin::Pin<Box<dyn Future<Output = String> + Send>> {
        todo!()
    }
}

fn main() {}
