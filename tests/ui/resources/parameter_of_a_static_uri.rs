struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://all")]
    fn note(&self, limit: u64) -> String {
        let _ = limit;
        String::new()
    }
}

fn main() {}
