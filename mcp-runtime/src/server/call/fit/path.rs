//! Paths to the parts of an argument.

use std::fmt;

use crate::json::truncate::truncated;

/// The path to a part of an argument, as messages write it.
pub(super) enum Path<'p> {
    Argument(&'p str),
    Member(&'p Path<'p>, &'p str),
    Item(&'p Path<'p>, usize),
}

impl<'p> Path<'p> {
    /// Iterates over the segments of the path, from the last to the first.
    pub(super) fn parts(&'p self) -> impl Iterator<Item = &'p Self> {
        std::iter::successors(Some(self), |path| match path {
            Self::Argument(_) => None,
            Self::Member(of, _) | Self::Item(of, _) => Some(of),
        })
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<&Path<'_>> = self.parts().collect();
        parts.into_iter().rev().try_for_each(|part| match part {
            Path::Argument(name) => f.write_str(name),
            Path::Item(_, index) => write!(f, "[{index}]"),
            Path::Member(_, name) => {
                let name = truncated(name);
                let is_plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-' || c == '$' || c == '@';
                if !name.is_empty() && name.chars().all(is_plain) {
                    write!(f, ".{name}")
                } else {
                    write!(f, "[{}]", mcp_core::json_string(name))
                }
            }
        })
    }
}
