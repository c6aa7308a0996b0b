struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://all", icons = ["file:///icon.png"])]
    fn note(&self) -> String {
        String::new()
    }
}

fn main() {}
