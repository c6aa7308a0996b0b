//! The context that a handler gets, and what it reports through it.

mod cancellation;
mod messages;
mod telemetry;
mod trace;
