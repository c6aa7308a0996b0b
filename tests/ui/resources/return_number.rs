struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://all")]
    fn note(&self) -> u64 {
        7
    }
}

fn main() {}
