use mcp::Http;

struct Notes;

#[mcp::server]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {
    let notes = Notes;
    let _ = Http::open(&notes);
}
