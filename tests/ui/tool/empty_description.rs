struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::tool(description = " ")]
    fn add(&self) {}
}

fn main() {}
