struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://all", size = "12 KB")]
    fn note(&self) -> String {
        String::new()
    }
}

fn main() {}
