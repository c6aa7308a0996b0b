struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://all notes")]
    fn note(&self) -> String {
        String::new()
    }
}

fn main() {}
