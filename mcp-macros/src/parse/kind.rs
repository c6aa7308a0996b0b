//! Kinds of annotated methods.

use std::fmt;

/// The kind of an annotated method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Tool,
    Resource,
    Prompt,
    Completion,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Tool, Self::Resource, Self::Prompt, Self::Completion];

    /// Returns the name of the attribute. Messages use the name for the kind.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tool => "tool",
            Self::Resource => "resource",
            Self::Prompt => "prompt",
            Self::Completion => "completion",
        }
    }

    /// Returns the kind with the name closest to `name`.
    pub(crate) fn closest(name: &str) -> Option<Self> {
        let meant = mcp_core::closest(name, Self::ALL.map(Self::name))?;
        Self::ALL.into_iter().find(|kind| kind.name() == meant)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
