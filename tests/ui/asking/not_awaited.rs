#![deny(unused_must_use)]

use mcp::{Context, Sampling};

struct Notes;

#[mcp::server]
impl Notes {
    /// Greet the user.
    #[mcp::tool]
    async fn greet(&self, cx: &Context) -> Result<(), mcp::Error> {
        cx.sample("greeting", Sampling::new(50).user("Greet me"));
        Ok(())
    }
}

fn main() {}
