struct Notes;

#[mcp::server(
    scope_prefix = "{resource}/",
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {}
