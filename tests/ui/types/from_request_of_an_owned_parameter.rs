struct Notes;

struct Caller(String);

impl mcp::FromRequest for Caller {
    async fn from_request(_: &mcp::Request<'_>) -> Result<Self, mcp::Denied> {
        Ok(Self(String::new()))
    }
}

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, caller: Caller) -> String {
        caller.0
    }
}

fn main() {}
