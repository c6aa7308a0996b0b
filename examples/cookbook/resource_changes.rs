//! Changes of a resource, announced to its subscribers.

use std::sync::atomic::{AtomicU64, Ordering};

use mcp::{Context, MemoryClient};

#[derive(Default)]
struct Counter(AtomicU64);

#[mcp::server]
impl Counter {
    /// The count.
    #[mcp::resource("counter://value")]
    fn value(&self) -> String {
        self.0.load(Ordering::Relaxed).to_string()
    }

    /// Count.
    #[mcp::tool]
    fn count(&self, cx: &Context) -> u64 {
        let value = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        // Every subscribed client is told, and reads it again. Outside of requests: `http.changes()`.
        cx.changes().resource_updated("counter://value");
        value
    }
}

pub(crate) async fn run() -> crate::Outcome {
    let client = MemoryClient::new(Counter::default());
    assert_eq!(client.call_tool("count", ()).await?.text(), "1");
    assert_eq!(client.read_resource("counter://value").await?.text(), "1");
    Ok(())
}
