//! Parsing of JSON from untrusted sources.

pub(crate) mod bytes;
pub(crate) mod check;
pub(crate) mod number;
pub(crate) mod private_names;
pub(crate) mod read;
#[cfg(feature = "http")]
pub(crate) mod strict;
pub(crate) mod tree;
pub(crate) mod truncate;
