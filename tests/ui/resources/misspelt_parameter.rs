struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://{folder}/{id}")]
    fn note(&self, id: u64, flder: String) -> String {
        let _ = (id, flder);
        String::new()
    }
}

fn main() {}
