struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://{id}")]
    fn note(&self, #[arg(description = "The number.")] id: u64) -> String {
        let _ = id;
        String::new()
    }
}

fn main() {}
