//! A call of minutes, as a task that the client polls.

use mcp::{Context, MemoryClient, Progress};

struct Notes;

#[mcp::server]
impl Notes {
    /// Rebuild the index.
    #[mcp::tool(task, timeout = "30m")]
    async fn rebuild(&self, cx: &Context) -> Result<&'static str, mcp::Error> {
        // Clients that know no tasks wait for the result.
        cx.start_task()?;
        for step in 1..=10 {
            cx.progress(Progress::new(step.into()).total(10.0));
        }
        Ok("Rebuilt")
    }
}

pub(crate) async fn run() -> crate::Outcome {
    assert_eq!(MemoryClient::new(Notes).call_tool("rebuild", ()).await?.text(), "Rebuilt");
    Ok(())
}
