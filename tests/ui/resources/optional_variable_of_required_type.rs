struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://all{?tag}")]
    fn note(&self, tag: String) -> String {
        let _ = tag;
        String::new()
    }
}

fn main() {}
