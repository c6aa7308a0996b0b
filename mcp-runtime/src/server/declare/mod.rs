//! Declarations: what the macros write about a server.

pub(super) mod constraint;
pub(super) mod parameter;
