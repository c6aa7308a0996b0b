use mcp::Http;

struct Notes;

#[mcp::server]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

struct Other;

#[mcp::server]
impl Other {
    /// List everything.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {
    let _ = Http::open(Notes).with(Other);
}
