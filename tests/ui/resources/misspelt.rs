struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::ressource("notes://all")]
    fn all(&self) -> String {
        String::new()
    }
}

fn main() {}
