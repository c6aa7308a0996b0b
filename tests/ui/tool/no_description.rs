struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::tool]
    fn add(&self) {}
}

fn main() {}
