//! Everything that a client can see, at the public seam: whole responses over HTTP, whole lines over stdio.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a helper of a test fails by panicking, too"
)]
#![allow(clippy::needless_pass_by_value, reason = "what a client gives is owned, whatever a tool does with it")]

mod asking;
mod auth;
mod budget;
mod call;
mod catalog;
mod changes;
mod context;
mod guards;
mod http;
mod layers;
mod limits;
mod memory;
mod protocol;
mod records;
mod replicas;
mod session;
mod stdio;
mod support;
mod tasks;
mod testing;
mod time_limits;
