struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://{id}")]
    fn note(&self, #[arg(range = 1..)] id: u64) -> String {
        let _ = id;
        String::new()
    }
}

fn main() {}
