struct Notes;

#[mcp::server]
impl Notes {
    fn list(&self) -> Vec<String> {
        Vec::new()
    }
}

fn main() {}
