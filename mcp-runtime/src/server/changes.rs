use std::fmt;
use std::sync::Arc;

use mcp_core::NormalUri;

use super::service::Service;
use super::subscriptions::Change;
use super::{CompositionError, Part};

/// Changes of what a server offers, told to every client that asked to hear of them.
///
/// It reaches clients of every protocol version: those that listen (`subscriptions/listen`, MCP 2026-07-28), and the
/// sessions of older ones. A client that has not heard of a change yet does not hear of the same one twice, so telling is
/// cheap, however often something changes. Clones are cheap, and change the same server.
///
/// A handler has it from its `Context`; anyone else from [`Http::changes`](crate::Http::changes):
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
///     // Somebody else changed a note.
///     changes.resource_updated("notes://17");
/// });
/// http.serve("127.0.0.1:8000").await
/// # }
/// ```
#[derive(Clone)]
pub struct Changes(Arc<Service>);

impl Changes {
    pub(crate) fn new(service: &Arc<Service>) -> Self {
        Self(Arc::clone(service))
    }

    /// Announces that the content of the resource at `uri` changed, to every client that subscribed to the URI and may read it,
    /// however either is escaped. A URI that no request could name, like one with a `%` that starts no escape, is a warning.
    pub fn resource_updated(&self, uri: impl AsRef<str>) {
        let uri = uri.as_ref();
        match NormalUri::parse(uri) {
            Ok(normal) => self.0.listeners().tell(&Change::Resource(normal.as_str().into())),
            Err(error) => tracing::warn!(uri, %error, "no client is told that a resource changed"),
        }
    }

    /// The list of tools is another one, for a reason of yours: what this type does itself is told without it.
    pub fn tools_changed(&self) {
        self.0.listeners().tell(&Change::Tools);
    }

    /// The list of prompts is another one.
    pub fn prompts_changed(&self) {
        self.0.listeners().tell(&Change::Prompts);
    }

    /// The list of resources, or of their templates, is another one.
    pub fn resources_changed(&self) {
        self.0.listeners().tell(&Change::Resources);
    }

    /// Takes a tool out of the server: it is not listed, and calling it is the error for a tool that there is not. Calls
    /// that run go on. Returns whether that changed anything.
    pub fn disable_tool(&self, name: &str) -> bool {
        self.enable(name, false)
    }

    /// Puts a tool back that was taken out. Returns whether that changed anything.
    pub fn enable_tool(&self, name: &str) -> bool {
        self.enable(name, true)
    }

    fn enable(&self, name: &str, enabled: bool) -> bool {
        let changed = self.0.enable_tool(name, enabled);
        if changed {
            self.tools_changed();
        }
        changed
    }

    /// Adds a part of the server: an annotated block of another type, with a state of its own.
    ///
    /// # Errors
    /// When it is a part of another server, or when one of its tools, resources or prompts has the name of one that is
    /// there already. Then nothing is added.
    pub fn add<P: Part>(&self, part: P) -> Result<(), CompositionError> {
        self.0.add(part)?;
        for (change, is_new) in [
            (Change::Tools, !P::TOOLS.is_empty()),
            (Change::Prompts, !P::PROMPTS.is_empty()),
            (Change::Resources, !P::RESOURCES.is_empty()),
        ] {
            if is_new {
                self.0.listeners().tell(&change);
            }
        }
        Ok(())
    }

    /// Ends every stream that is open for changes, after what is still to be told, and every one that is opened later.
    ///
    /// A server that stops does that itself, when it was started with [`Http::serve`](crate::Http::serve) or its
    /// `serve_until`. An app that has the server as a router calls it before it waits for its connections to end.
    pub fn close(&self) {
        self.0.listeners().close();
    }
}

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes").finish_non_exhaustive()
    }
}
