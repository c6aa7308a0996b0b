struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://all", mime_type = "text")]
    fn note(&self) -> String {
        String::new()
    }
}

fn main() {}
