struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource]
    fn note(&self) -> String {
        String::new()
    }
}

fn main() {}
