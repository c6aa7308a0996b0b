struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self) -> std::sync::mpsc::Receiver<String> {
        todo!()
    }
}

fn main() {}
