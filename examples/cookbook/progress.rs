//! Progress and log messages, by the `Context`.

use mcp::{Context, LogLevel, MemoryClient, Progress};

struct Notes;

#[mcp::server]
impl Notes {
    /// Import three folders.
    #[mcp::tool]
    async fn import(&self, cx: &Context) -> &'static str {
        for done in 1..=3 {
            cx.progress(Progress::new(done.into()).total(3.0).message("imported a folder"));
        }
        cx.log(LogLevel::Warning, "2 notes had no title");
        "Imported"
    }
}

pub(crate) async fn run() -> crate::Outcome {
    assert_eq!(MemoryClient::new(Notes).call_tool("import", ()).await?.text(), "Imported");
    Ok(())
}
