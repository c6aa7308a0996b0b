//! Sessions of the older versions.

mod batches;
mod lifecycle;
mod resumption;
