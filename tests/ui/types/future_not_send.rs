struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    async fn add(&self) -> usize {
        let texts = std::rc::Rc::new(1);
        std::future::ready(()).await;
        *texts
    }
}

fn main() {}
