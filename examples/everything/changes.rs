//! What a server can tell its clients at any time.

use std::sync::atomic::{AtomicU32, Ordering};

/// A resource that changes.
#[derive(Default)]
pub(crate) struct Watched {
    updates: AtomicU32,
}

#[mcp::part(of = crate::Everything)]
impl Watched {
    /// A text that says how often it was updated.
    #[mcp::resource("test://watched-resource", mime_type = "text/plain")]
    fn watched_resource(&self) -> String {
        format!("Watched resource content, updated {} times", self.updates.load(Ordering::Relaxed))
    }

    /// Update the watched resource.
    #[mcp::tool]
    fn update_watched_resource(&self) {
        self.updates.fetch_add(1, Ordering::Relaxed);
    }
}
