struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://{id}")]
    fn note(&self, id: u64) -> String {
        id.to_string()
    }

    #[mcp::resource("notes://{name}{?rev}")]
    fn named(&self, name: String, rev: Option<u64>) -> String {
        format!("{name} {rev:?}")
    }
}

fn main() {}
