struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://all", scopes = ["notes:read"])]
    fn note(&self) -> String {
        String::new()
    }
}

fn main() {}
