//! Everything that a client can see, at the public seam: whole responses over HTTP, whole lines over stdio.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a helper of a test fails by panicking, too"
)]

mod client;
mod context;
mod guard;
mod hosts;
mod input;
mod legacy;
mod limits;
mod memory;
mod metadata;
mod modern;
mod mounting;
mod protection;
mod schema;
mod servers;
mod shutdown;
mod socket;
mod stdio;
