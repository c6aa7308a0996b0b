struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes/all")]
    fn note(&self) -> String {
        String::new()
    }
}

fn main() {}
