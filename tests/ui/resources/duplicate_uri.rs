struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://all")]
    fn all(&self) -> String {
        String::new()
    }

    #[mcp::resource("notes://all", name = "other")]
    fn every(&self) -> String {
        String::new()
    }
}

fn main() {}
