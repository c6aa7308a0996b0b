//! Questions of a handler to its client.

mod questions;
mod state;
