struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://{id}")]
    fn note(&self, id: u64, folder: String) -> String {
        let _ = (id, folder);
        String::new()
    }
}

fn main() {}
