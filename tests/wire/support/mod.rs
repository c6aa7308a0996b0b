//! Servers under test, clients of every kind, and what each message is held against.

pub(crate) mod authorization_server;
pub(crate) mod client;
pub(crate) mod clock;
pub(crate) mod conversation;
pub(crate) mod ends;
pub(crate) mod jobs;
pub(crate) mod log;
pub(crate) mod refusals;
pub(crate) mod schema;
pub(crate) mod scripted_issuer;
pub(crate) mod servers;
pub(crate) mod session;
pub(crate) mod socket;
pub(crate) mod stdio;
pub(crate) mod stream;
