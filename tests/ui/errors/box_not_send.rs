struct Notes;

#[mcp::server]
impl Notes {
    /// A note.
    #[mcp::resource("note://first")]
    fn first(&self) -> Result<String, Box<dyn std::error::Error>> {
        Err("no note".into())
    }
}

fn main() {}
