struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource(uri = "notes://all")]
    fn note(&self) -> String {
        String::new()
    }
}

fn main() {}
