struct Notes;

#[mcp::server(
    optional_scopes = ["notes:write"],
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) {}
}

fn main() {}
