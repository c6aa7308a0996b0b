//! Announcements of changes, which a server can send at any time.

use std::sync::atomic::{AtomicU32, Ordering};

use mcp::Context;

/// A resource that changes.
#[derive(Default)]
pub(crate) struct WatchedResource {
    updates: AtomicU32,
}

#[mcp::part(of = crate::Everything)]
impl WatchedResource {
    /// A text that says how often it was updated.
    #[mcp::resource("test://watched-resource", mime_type = "text/plain")]
    fn watched_resource(&self) -> String {
        format!("Watched resource content, updated {} times", self.updates.load(Ordering::Relaxed))
    }

    /// Update the watched resource, and tell those who subscribed to it.
    #[mcp::tool]
    fn update_watched_resource(&self, cx: &Context) {
        self.updates.fetch_add(1, Ordering::Relaxed);
        cx.changes().resource_updated("test://watched-resource");
    }

    /// Tell clients that the list of tools has changed.
    #[mcp::tool]
    fn test_trigger_tool_change(&self, cx: &Context) {
        cx.changes().tools_changed();
    }

    /// Tell clients that the list of prompts has changed.
    #[mcp::tool]
    fn test_trigger_prompt_change(&self, cx: &Context) {
        cx.changes().prompts_changed();
    }
}
