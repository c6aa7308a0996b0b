//! Redis and Valkey as the engine between instances of an `mcp` server.
//!
//! The feature `redis` of the crate `mcp` re-exports everything.

mod commands;
mod engine;
mod error;
mod health;
mod inbox;
mod route;

pub use engine::Redis;
pub use error::RedisError;
