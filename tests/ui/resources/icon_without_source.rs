struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://all", icons = [{ sizes = ["48x48"] }])]
    fn note(&self) -> String {
        String::new()
    }
}

fn main() {}
