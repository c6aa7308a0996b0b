struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://all", meta = { color: "red" })]
    fn note(&self) -> String {
        String::new()
    }
}

fn main() {}
