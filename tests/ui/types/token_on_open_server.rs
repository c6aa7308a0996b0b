struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, token: &mcp::AccessToken) -> String {
        token.client_id.clone()
    }
}

fn main() {}
