struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://{id}")]
    fn note(&self, id: &str) -> String {
        let _ = id;
        String::new()
    }
}

fn main() {}
