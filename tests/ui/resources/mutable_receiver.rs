struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://all")]
    fn note(&mut self) -> String {
        String::new()
    }
}

fn main() {}
