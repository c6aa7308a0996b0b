//! Rates: how many requests of one account are served.

pub(crate) mod limiter;
pub(crate) mod rate;
pub(crate) mod settings;
