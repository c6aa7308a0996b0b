//! Everything that a client can see, at the public seam: whole responses over HTTP, whole lines over stdio.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a helper of a test fails by panicking, too"
)]
#![allow(clippy::needless_pass_by_value, reason = "what a client gives is owned, whatever a tool does with it")]

mod asked;
mod asking;
mod audit;
mod batches;
mod cached;
mod cancelled;
mod client;
mod clock;
mod context;
mod context_messages;
mod conversation;
mod cors;
mod dialects;
mod eras;
mod explain;
mod guard;
mod hidden;
mod hostile;
mod hosts;
mod input;
mod introspection;
mod keys;
mod kit;
mod late;
mod legacy;
mod limits;
mod log;
mod memory;
mod metadata;
mod mirrored;
mod modern;
mod mounting;
mod page;
mod profiles;
mod protection;
mod providers;
mod resumption;
mod schema;
mod scoped;
mod scripted_issuer;
mod servers;
mod sessions;
mod shutdown;
mod socket;
mod spellings;
mod state;
mod stdio;
mod streams;
mod subscriptions;
mod tasks;
mod trace;
