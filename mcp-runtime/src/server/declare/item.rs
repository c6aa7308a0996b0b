//! The identity of an item.

/// The kind of an item, which is a method that clients use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ItemKind {
    /// A tool.
    Tool,
    /// A resource or a template.
    Resource,
    /// A prompt.
    Prompt,
    /// A completion of an argument.
    Completion,
    /// A list of the resources of a template.
    List,
}

/// The item that a request is about: its kind and its declared name.
///
/// A guard or a method takes it by reference, and [`Request::item`](crate::Request::item) returns it. A guard of a whole
/// block can so decide by the item. For a list of `hidden` items, such a guard is asked about each of them, and other
/// guards once for all. The list itself is about many items: [`Request::item`](crate::Request::item) returns none there.
///
/// ```
/// use mcp::{Denied, ItemId};
///
/// struct Notes;
///
/// #[mcp::server(guard = open)]
/// impl Notes {
///     /// Closes the archive at night.
///     #[mcp::guard]
///     fn open(&self, item: &ItemId) -> Result<(), Denied> {
///         if item.name().starts_with("archive") { Err(Denied::new("closed until 8:00")) } else { Ok(()) }
///     }
///
///     /// List the archive.
///     #[mcp::tool]
///     fn archive_list(&self) -> Vec<String> {
///         vec![]
///     }
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), mcp::Error> {
/// let client = mcp::MemoryClient::new(Notes);
/// assert_eq!(client.call_tool("archive_list", serde_json::json!({})).await?.text(), "closed until 8:00");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ItemId {
    kind: ItemKind,
    name: &'static str,
}

impl ItemId {
    pub(in crate::server) fn new(kind: ItemKind, name: &'static str) -> Self {
        Self { kind, name }
    }

    /// Returns the kind of the item.
    #[must_use]
    pub fn kind(&self) -> ItemKind {
        self.kind
    }

    /// Returns the name of the tool or prompt, or the URI or template of the resource, as declared.
    ///
    /// For a completion, it is that of the prompt or template whose argument is completed, and for a list, the template.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name
    }
}
