use mcp::Context;

struct Notes;

#[mcp::server]
impl Notes {
    /// Delete every note.
    #[mcp::tool]
    async fn clear(&self, cx: Context) {
        drop(cx);
    }

    /// Write a letter.
    #[mcp::prompt]
    async fn letter(&self, cx: Context) -> String {
        cx.protocol_version().to_owned()
    }
}

fn main() {}
