use mcp::Protection;

struct Notes;

#[mcp::server]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {
    let _ = Protection::of::<Notes>();
}
