struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://all", read_only)]
    fn note(&self) -> String {
        String::new()
    }
}

fn main() {}
