struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://{ids*}")]
    fn note(&self, ids: String) -> String {
        let _ = ids;
        String::new()
    }
}

fn main() {}
