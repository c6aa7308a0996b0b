struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://all", priority = 2)]
    fn note(&self) -> String {
        String::new()
    }
}

fn main() {}
