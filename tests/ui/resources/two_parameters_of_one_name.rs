struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://{id}")]
    fn note(&self, id: u64, #[arg(name = "id")] other: u64) -> String {
        let _ = (id, other);
        String::new()
    }
}

fn main() {}
