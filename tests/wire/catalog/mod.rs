//! The catalog of what a server offers.

mod dialects;
mod resource_lists;
