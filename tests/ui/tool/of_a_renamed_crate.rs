use mcp as m;

struct Notes;

#[m::server]
impl Notes {
    /// List every note.
    #[m::tool]
    fn list(&self) -> Vec<String> {
        Vec::new()
    }
}

fn main() {
    let _ = m::Http::open(Notes);
}
