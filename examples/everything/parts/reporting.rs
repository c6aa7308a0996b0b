//! Tools that send progress and log messages while they run.

use std::time::Duration;

use mcp::{Context, LogLevel, Progress};
use tokio::time::sleep;

pub(crate) struct Reporting;

#[mcp::part(of = crate::Everything)]
impl Reporting {
    /// Report how far it has got.
    #[mcp::tool(read_only)]
    async fn test_tool_with_progress(&self, cx: &Context) -> &'static str {
        for done in [0.0, 50.0, 100.0] {
            cx.progress(Progress::new(done).total(100.0).message(format!("Completed {done} of 100")));
            sleep(Duration::from_millis(50)).await;
        }
        "Tool with progress executed successfully"
    }

    /// Log what it does.
    #[mcp::tool(read_only)]
    async fn test_tool_with_logging(&self, cx: &Context) -> &'static str {
        for step in ["Tool execution started", "Tool processing data", "Tool execution completed"] {
            cx.log(LogLevel::Info, step);
            sleep(Duration::from_millis(50)).await;
        }
        "Tool with logging executed successfully"
    }

    /// Log one message, which only clients that asked for it get.
    #[mcp::tool(read_only)]
    fn test_logging_tool(&self, cx: &Context) -> &'static str {
        cx.log(LogLevel::Info, "The logging tool was called");
        "Logged"
    }

    /// Let go of the client while it works; the client comes back for the result (2025-11-25).
    #[mcp::tool(read_only)]
    async fn test_reconnection(&self, cx: &Context) -> &'static str {
        cx.close_stream();
        sleep(Duration::from_millis(100)).await;
        "Reconnection test completed successfully. If you received this, the client properly reconnected after stream closure."
    }
}
