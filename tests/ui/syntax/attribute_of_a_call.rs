macro_rules! methods {
    () => {
        fn add(&self) {}
    };
}

struct Notes;

#[mcp::server]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) -> Vec<String> {
        Vec::new()
    }

    #[mcp::tool]
    methods!();
}

fn main() {
    let _ = mcp::Http::open(Notes);
    Notes.add();
    drop(Notes.list());
}
