//! The revisions of the protocol, and their features.

use std::fmt;

/// A revision of the Model Context Protocol, named by its date.
///
/// Newer revisions compare greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ProtocolVersion {
    /// 2025-03-26, the first one with Streamable HTTP, and the only one with batches.
    V2025_03_26,
    /// 2025-06-18.
    V2025_06_18,
    /// 2025-11-25, the last one that begins with a handshake.
    V2025_11_25,
    /// 2026-07-28, which is stateless: every request carries what it needs.
    V2026_07_28,
}

impl ProtocolVersion {
    /// The supported revisions, newest first.
    pub(crate) const SUPPORTED: [Self; 4] =
        [Self::V2026_07_28, Self::V2025_11_25, Self::V2025_06_18, Self::V2025_03_26];

    /// The revision of a request that names none: the header came with 2025-06-18.
    pub(crate) const UNDECLARED: Self = Self::V2025_03_26;

    /// Returns the revision of a name, if it is supported.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::SUPPORTED.into_iter().find(|version| version.as_str() == text)
    }

    /// Returns the revision that `initialize` agrees to.
    ///
    /// It is the requested one if it is supported and has a handshake, or else the newest such one.
    pub(crate) fn agreed(requested: &str) -> Self {
        Self::parse(requested).filter(|version| !version.is_modern()).unwrap_or(Self::V2025_11_25)
    }

    /// Returns the name on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::V2025_03_26 => "2025-03-26",
            Self::V2025_06_18 => "2025-06-18",
            Self::V2025_11_25 => "2025-11-25",
            Self::V2026_07_28 => "2026-07-28",
        }
    }

    /// Returns `true` if requests carry version and capabilities, in place of a handshake.
    pub(crate) fn is_modern(self) -> bool {
        self >= Self::V2026_07_28
    }

    /// Returns `true` if items can have icons, and a server a website.
    pub(crate) fn has_icons(self) -> bool {
        self >= Self::V2025_11_25
    }

    /// Returns `true` if items can have a title and `_meta`.
    pub(crate) fn has_titles(self) -> bool {
        self >= Self::V2025_06_18
    }

    /// Returns `true` if tools have structured results, and content may be a link.
    pub(crate) fn has_structured_content(self) -> bool {
        self >= Self::V2025_06_18
    }
}

impl fmt::Display for ProtocolVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
