struct Notes;

#[mcp::server]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) -> Vec<String> {
        Vec::new()
    }

    /// Add a note.
    #[mcp::tool]
    async fn add(&self, text: Box<dyn>, #[arg(default = 1)] copies: u8) {
        drop((text, copies));
    }
}

fn main() {
    let _ = mcp::Http::open(Notes);
    drop(Notes.list());
}
