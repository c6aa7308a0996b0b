struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://{id:3}")]
    fn note(&self, id: u64) -> String {
        let _ = id;
        String::new()
    }
}

fn main() {}
