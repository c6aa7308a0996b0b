struct Id;

struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://{id}")]
    fn note(&self, id: Id) -> String {
        let _ = id;
        String::new()
    }
}

fn main() {}
