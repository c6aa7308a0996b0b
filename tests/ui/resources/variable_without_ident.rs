struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://{note.id}")]
    fn note(&self) -> String {
        String::new()
    }
}

fn main() {}
