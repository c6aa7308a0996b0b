struct Notes;

#[mcp::server(dpop = "required")]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {}
