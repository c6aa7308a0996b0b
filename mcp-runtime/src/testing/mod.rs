//! What tests of a protected server need: an issuer in the process, a client that goes through the guard, and a battery
//! of attacks.
//!
//! It belongs into `[dev-dependencies]`: `mcp = { version = "…", features = ["testing"] }`.

mod battery;
mod client;
mod issuer;
mod key;
mod rsa_keys;
mod token;

pub use battery::assert_protected;
pub use client::{TestClient, TestResponse};
pub use issuer::TestIssuer;
pub use key::TestKey;
pub use token::TestToken;
