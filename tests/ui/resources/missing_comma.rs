struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://all" title = "All")]
    fn note(&self) -> String {
        String::new()
    }
}

fn main() {}
