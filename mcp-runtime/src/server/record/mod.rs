//! The record of a request: what spans and logs report about it.

pub(crate) mod span;
