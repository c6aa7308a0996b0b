use std::fmt;

/// A revision of the Model Context Protocol, named by its date.
///
/// Newer revisions compare greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ProtocolVersion {
    /// 2025-03-26, the first one with Streamable HTTP. Its batches are refused.
    V2025_03_26,
    /// 2025-06-18.
    V2025_06_18,
    /// 2025-11-25, the last one that begins with a handshake.
    V2025_11_25,
    /// 2026-07-28: stateless, every request says what it needs.
    V2026_07_28,
}

impl ProtocolVersion {
    /// Every revision that is served, newest first.
    pub(crate) const SUPPORTED: [Self; 4] =
        [Self::V2026_07_28, Self::V2025_11_25, Self::V2025_06_18, Self::V2025_03_26];

    /// What a request speaks that does not say: the header came with 2025-06-18.
    pub(crate) const UNDECLARED: Self = Self::V2025_03_26;

    /// The revision of that name, if it is served.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::SUPPORTED.into_iter().find(|version| version.as_str() == text)
    }

    /// What `initialize` answers to a client that asks for `requested`: the same revision if it is served and has a
    /// handshake, or else the newest such one.
    pub(crate) fn agreed(requested: &str) -> Self {
        Self::parse(requested).filter(|version| !version.is_modern()).unwrap_or(Self::V2025_11_25)
    }

    /// The name on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::V2025_03_26 => "2025-03-26",
            Self::V2025_06_18 => "2025-06-18",
            Self::V2025_11_25 => "2025-11-25",
            Self::V2026_07_28 => "2026-07-28",
        }
    }

    /// Whether each request carries version and capabilities itself, instead of a handshake before it.
    pub(crate) fn is_modern(self) -> bool {
        self >= Self::V2026_07_28
    }

    /// Whether what is offered can have icons, and a server a website.
    pub(crate) fn has_icons(self) -> bool {
        self >= Self::V2025_11_25
    }

    /// Whether what is offered can have a title and `_meta`.
    pub(crate) fn has_titles(self) -> bool {
        self >= Self::V2025_06_18
    }

    /// Whether tools have an output schema and structured results, and content may be a link.
    pub(crate) fn has_structured_content(self) -> bool {
        self >= Self::V2025_06_18
    }
}

impl fmt::Display for ProtocolVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
