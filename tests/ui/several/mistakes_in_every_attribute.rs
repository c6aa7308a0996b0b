struct Notes;

#[mcp::server(nam = "notes", title = 1, version)]
impl Notes {
    /// Add a note.
    #[mcp::tool(readonly, name = "add note")]
    fn add(&self, #[arg(default, rnge = 1..)] copies: u8) {
        let _ = copies;
    }
}

fn main() {}
