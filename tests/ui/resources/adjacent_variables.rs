struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://{folder}{id}")]
    fn note(&self, folder: String, id: u64) -> String {
        let _ = (folder, id);
        String::new()
    }
}

fn main() {}
