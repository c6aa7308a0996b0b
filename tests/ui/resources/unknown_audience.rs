struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://all", audience = ["model"])]
    fn note(&self) -> String {
        String::new()
    }
}

fn main() {}
