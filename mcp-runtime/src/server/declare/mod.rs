//! The interface of generated code: traits, rows of tables, parameters, constraints.

pub(super) mod constraint;
pub(super) mod info;
pub(super) mod item;
pub(super) mod parameter;
pub(crate) mod part;
pub(crate) mod protection;
pub(crate) mod role;
pub(super) mod rows;
pub(super) mod seal;
pub(crate) mod time_limit;
pub(super) mod traits;
pub(crate) mod wrapper;
