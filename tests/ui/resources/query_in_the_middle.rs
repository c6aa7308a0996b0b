struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://all{?tag}/text")]
    fn note(&self, tag: Option<String>) -> String {
        let _ = tag;
        String::new()
    }
}

fn main() {}
