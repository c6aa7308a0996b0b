struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::tool(desciption = "Add a note.")]
    fn add(&self) {}
}

fn main() {}
