use mcp::AccessToken;

struct Reviews;

#[mcp::server]
impl Reviews {
    /// Review code.
    #[mcp::prompt]
    fn review(&self, token: &AccessToken) -> String {
        token.client_id.clone()
    }
}

fn main() {}
