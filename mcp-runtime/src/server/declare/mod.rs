//! Declarations: what the macros write about a server.

pub(super) mod constraint;
pub(super) mod parameter;
pub(super) mod rows;
pub(super) mod traits;
