//! Changes of the offer, and their announcement to subscribers.

mod encoding;
pub(crate) mod hearing;
pub(crate) mod listening;
pub(crate) mod subscriptions;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use mcp_core::NormalUri;

use self::subscriptions::Change;
use super::catalog::composition_error::CompositionError;
use super::catalog::new_part::NewPart;
use super::shared::Shared;
use crate::backplane::topic::Topic;

/// A handle that changes a server's offer and announces changes.
///
/// Announcements reach clients of every protocol version: those that listen (`subscriptions/listen`, MCP 2026-07-28),
/// and the sessions of older versions. Equal announcements that a client has not received yet are merged, so frequent
/// announcements are cheap. Clones are cheap, and belong to the same server.
///
/// Handlers get the handle from [`Context::changes`](crate::Context::changes), other code from
/// [`Http::changes`](crate::Http::changes):
///
/// ```no_run
/// # struct Notes;
/// # #[mcp::server]
/// # impl Notes {
/// #     /// List every note.
/// #     #[mcp::tool]
/// #     fn list_notes(&self) -> Vec<String> { vec![] }
/// # }
/// # async fn run() -> std::io::Result<()> {
/// let http = mcp::Http::open(Notes);
/// let changes = http.changes();
/// tokio::spawn(async move {
///     // Another program changed a note.
///     changes.resource_updated("notes://17");
/// });
/// http.serve("127.0.0.1:8000").await
/// # }
/// ```
#[derive(Clone)]
pub struct Changes {
    server: Arc<dyn ServerHandle>,
}

/// The running server, as its methods reach it: the state that they share, and the edits of the offer.
pub(crate) trait ServerHandle: Send + Sync {
    /// Returns the state that outlives a request.
    fn shared(&self) -> &Shared;

    /// Enables or disables a tool. Returns `true` if that changed anything.
    fn enable_tool(&self, name: &str, enabled: bool) -> bool;

    /// Adds a part, or a tool that is known at run time only.
    ///
    /// # Errors
    /// It does not fit the server or its other blocks. Then nothing is added.
    fn add(&self, part: NewPart) -> Result<(), CompositionError>;

    /// Removes a tool that was added at run time. Returns `true` if there was one.
    fn remove_tool(&self, name: &str) -> bool;
}

impl Changes {
    pub(super) fn new(server: Arc<dyn ServerHandle>) -> Self {
        Self { server }
    }

    /// Announces that the content of the resource at `uri` changed.
    ///
    /// The announcement reaches every client that subscribed to the URI and may read it. Different escapes of a URI are
    /// equal. An invalid URI, such as one with a `%` that begins no escape, is logged as a warning.
    pub fn resource_updated(&self, uri: impl AsRef<str>) {
        let uri = uri.as_ref();
        match NormalUri::parse(uri) {
            Ok(normal) => self.announce(&Change::Resource(normal.as_str().into())),
            Err(error) => self.server.shared().listeners().warn_of_uri(uri, &error.to_string()),
        }
    }

    /// Announces that the tool list changed.
    ///
    /// Only needed for your own changes; the other methods announce theirs themselves. The announcement reaches every
    /// client that listens for it, also those from whom the changed tool is hidden.
    pub fn tools_changed(&self) {
        self.announce(&Change::Tools);
    }

    /// Announces that the prompt list changed.
    pub fn prompts_changed(&self) {
        self.announce(&Change::Prompts);
    }

    /// Announces that the list of resources or templates changed.
    ///
    /// The announcement reaches every client that listens for it. If the list has rows of several tenants, each tenant
    /// therefore learns that another one was active.
    pub fn resources_changed(&self) {
        self.announce(&Change::Resources);
    }

    /// Disables a tool. Returns `true` if that changed anything.
    ///
    /// A disabled tool is not listed, and calling it is the error for an unknown tool. Running calls continue.
    ///
    /// With [`Http::replicas`](crate::Http::replicas), a tool that is disabled while the server runs is disabled at every
    /// instance, also at those that start later. It stays so until it is enabled at one of them.
    pub fn disable_tool(&self, name: &str) -> bool {
        self.enable(name, false)
    }

    /// Enables a tool that was disabled. Returns `true` if that changed anything.
    pub fn enable_tool(&self, name: &str) -> bool {
        self.enable(name, true)
    }

    /// Removes a tool that was added at run time. Returns `true` if there was one.
    ///
    /// Running calls continue. A tool of an `impl` block can only be [disabled](Self::disable_tool).
    pub fn remove_tool(&self, name: &str) -> bool {
        let changed = self.server.remove_tool(name);
        if changed {
            self.tools_changed();
        }
        changed
    }

    fn enable(&self, name: &str, enabled: bool) -> bool {
        let changed = self.server.enable_tool(name, enabled);
        if changed {
            self.tools_changed();
        }
        changed
    }

    /// Returns the running server.
    pub(super) fn server(&self) -> &dyn ServerHandle {
        &*self.server
    }

    /// Announces a change to its subscribers.
    pub(super) fn announce(&self, change: &Change) {
        let shared = self.server.shared();
        shared.listeners().tell(change);
        if let Some(link) = shared.link() {
            link.tell(Topic::Changes, &change.encode());
        }
    }

    /// Ends every stream of announcements after its pending ones, and every later stream.
    ///
    /// [`Http::serve`](crate::Http::serve) and `serve_until` do this on shutdown. An app with the server as a router
    /// calls it before it waits for its connections to end.
    pub fn close(&self) {
        self.server.shared().listeners().close();
    }

    /// Ends every stream of announcements within some time, one after the other, and every later one at once.
    pub(crate) async fn close_within(&self, time: Duration) {
        self.server.shared().listeners().close_within(time).await;
    }
}

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes").finish_non_exhaustive()
    }
}
