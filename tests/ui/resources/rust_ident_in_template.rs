struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://{note-id}")]
    fn note(&self, note_id: u64) -> String {
        let _ = note_id;
        String::new()
    }
}

fn main() {}
