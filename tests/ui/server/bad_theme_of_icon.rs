struct Notes;

#[mcp::server(icons = [{ src = "https://example.com/i.png", theme = "black" }])]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {}
