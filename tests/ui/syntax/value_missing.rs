struct Notes;

#[mcp::server(issuer = )]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) -> Vec<String> {
        Vec::new()
    }


}

fn main() {
    let _ = mcp::Http::open(Notes);
    drop(Notes.list());
}
