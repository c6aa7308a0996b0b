//! Rates that are set at start.

use std::collections::BTreeMap;
use std::fmt;
use std::io;

use super::rate::Rate;

/// Rates that replace those of the attributes, for an environment.
///
/// ```
/// use mcp::{Http, Rate, Rates};
///
/// struct Notes;
///
/// #[mcp::server(
///     issuer = "https://auth.example.com",
///     resource = "http://127.0.0.1:8000/mcp",
///     rate = "600/min",
/// )]
/// impl Notes {
///     /// List every note.
///     #[mcp::tool(rate = "30/min")]
///     fn list_notes(&self) -> Vec<String> {
///         vec![]
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let list_rate = "60/min";
/// let rates = Rates::new().server(Rate::per_second(50)).item("list_notes", list_rate.parse()?);
/// # let tokens = mcp::StaticTokens::new([("", mcp::AccessToken::ours("alice")); 0]);
/// let http = Http::protected(Notes, tokens).rates(rates);
/// # let _ = http;
/// # Ok(())
/// # }
/// ```
///
/// A server with a rate for an unknown item does not start.
#[derive(Debug, Clone, Default)]
#[must_use = "rates do nothing until a transport has them"]
pub struct Rates {
    pub(crate) server: Option<Rate>,
    /// The rates of items, by their name or URI.
    pub(crate) items: BTreeMap<String, Rate>,
    /// Set if a tool's own rate is a 429, too.
    pub(crate) only_429: bool,
}

impl Rates {
    /// Creates settings that keep every rate of the attributes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces the rate of all requests to the server together.
    pub fn server(self, rate: Rate) -> Self {
        Self { server: Some(rate), ..self }
    }

    /// Replaces the rate of one item.
    ///
    /// `item` is the name of a tool or a prompt, or the URI or the template of a resource. If a tool and a prompt have
    /// the same name, each of them gets the rate.
    pub fn item(mut self, item: impl Into<String>, rate: Rate) -> Self {
        self.items.insert(item.into(), rate);
        self
    }

    /// Answers every request beyond a rate with a 429.
    ///
    /// By default, a call beyond the tool's own rate is a tool error, whose text tells the model how long to wait. No
    /// known client waits after a 429, and some end their session.
    pub fn only_429(self) -> Self {
        Self { only_429: true, ..self }
    }
}

/// The error of a rate for an item that does not exist.
#[derive(Debug)]
pub(crate) struct UnknownItem {
    pub(crate) name: String,
    pub(crate) server: &'static str,
    /// The names and URIs of all items.
    pub(crate) known: Vec<&'static str>,
}

impl fmt::Display for UnknownItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, server, known } = self;
        write!(f, "`Rates` has a rate for `{name}`, which `{server}` does not have; ")?;
        match mcp_core::closest(name, known.iter().copied()) {
            Some(meant) => write!(f, "did you mean `{meant}`?"),
            None => write!(f, "it has {}", known.join(", ")),
        }
    }
}

impl std::error::Error for UnknownItem {}

impl From<UnknownItem> for io::Error {
    fn from(error: UnknownItem) -> Self {
        Self::new(io::ErrorKind::InvalidInput, error)
    }
}
