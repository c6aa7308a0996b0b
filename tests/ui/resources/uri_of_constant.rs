struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource(ALL)]
    fn note(&self) -> String {
        String::new()
    }
}

fn main() {}
