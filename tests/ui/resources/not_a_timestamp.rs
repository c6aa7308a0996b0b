struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://all", last_modified = "yesterday")]
    fn note(&self) -> String {
        String::new()
    }
}

fn main() {}
