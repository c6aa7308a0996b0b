//! Kinds of items, and the attributes of methods.

use std::fmt;

/// The kind of a method that clients use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Tool,
    Resource,
    Prompt,
    Completion,
}

impl Kind {
    /// Returns the name of the attribute. Messages use the name for the kind.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tool => "tool",
            Self::Resource => "resource",
            Self::Prompt => "prompt",
            Self::Completion => "completion",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The attribute of a method: of an item for clients, or of a guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Annotation {
    Item(Kind),
    Guard,
}

impl Annotation {
    pub(crate) const ALL: [Self; 5] = [
        Self::Item(Kind::Tool),
        Self::Item(Kind::Resource),
        Self::Item(Kind::Prompt),
        Self::Item(Kind::Completion),
        Self::Guard,
    ];

    /// Returns the name of the attribute. Messages use the name for the method.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Item(kind) => kind.name(),
            Self::Guard => "guard",
        }
    }

    /// Returns the attribute with this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|annotation| annotation.name() == name)
    }

    /// Returns the attribute with the name closest to `name`.
    pub(crate) fn closest(name: &str) -> Option<Self> {
        Self::named(mcp_core::closest(name, Self::ALL.map(Self::name))?)
    }
}

impl fmt::Display for Annotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
