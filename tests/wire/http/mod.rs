//! The endpoint over HTTP: heads, bodies, streams, and the server around it.

mod connections;
mod cors;
mod hosts;
mod input;
mod late;
mod log;
mod metadata;
mod mirrored;
mod mounting;
mod page;
mod readiness;
mod shutdown;
mod socket;
mod streams;
