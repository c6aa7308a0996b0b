//! Declarations: what the macros write about a server.

pub(super) mod constraint;
pub(super) mod parameter;
pub(crate) mod part;
pub(crate) mod protection;
pub(crate) mod role;
pub(super) mod rows;
pub(super) mod seal;
pub(super) mod traits;
pub(crate) mod wrapper;
