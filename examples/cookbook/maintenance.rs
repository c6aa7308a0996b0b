//! Code around every tool, by a `Layer`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mcp::{Error, Invocation, Layer, MemoryClient, Next, Reply};

struct Maintenance(Arc<AtomicBool>);

impl Layer for Maintenance {
    async fn call(&self, invocation: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Error> {
        if self.0.load(Ordering::Relaxed) {
            return Err(Error::tool(format!("`{}` is closed for an hour", invocation.item().name())));
        }
        next.run().await
    }
}

struct Notes;

#[mcp::server]
impl Notes {
    /// Say hello.
    #[mcp::tool]
    fn hello(&self) -> &'static str {
        "Hello"
    }
}

pub(crate) async fn run() -> crate::Outcome {
    let closed = Arc::new(AtomicBool::new(false));
    let client = MemoryClient::new(Notes).layer(Maintenance(Arc::clone(&closed)));
    assert_eq!(client.call_tool("hello", ()).await?.text(), "Hello");
    closed.store(true, Ordering::Relaxed);
    assert_eq!(client.call_tool("hello", ()).await?.text(), "`hello` is closed for an hour");
    Ok(())
}
