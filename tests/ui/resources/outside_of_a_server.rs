struct Notes;

impl Notes {
    #[mcp::resource("notes://{id}")]
    fn note(&self, #[arg(name = "id")] key: u64) -> String {
        key.to_string()
    }
}

fn main() {}
