struct Notes;

#[mcp::server]
impl Notes {
    #[rmcp::tool(description = "Add a note")]
    fn add(&self, #[arg(length = 1..)] text: String) {
        drop(text);
    }
}

fn main() {}
