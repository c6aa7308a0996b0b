struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://all", icons = [{ src = "https://example.com/i.png", sizes = ["48"] }])]
    fn note(&self) -> String {
        String::new()
    }
}

fn main() {}
