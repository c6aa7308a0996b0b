struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://{id}", size = 12)]
    fn note(&self, id: u64) -> String {
        let _ = id;
        String::new()
    }
}

fn main() {}
