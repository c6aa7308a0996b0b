//! Rates: how many requests of one account are served.

mod key_as_hash;
pub(crate) mod limiter;
pub(crate) mod rate;
pub(crate) mod settings;
mod shared_rates;
