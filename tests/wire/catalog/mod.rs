//! The catalog of what a server offers.

mod dialects;
mod dynamic_tools;
mod resource_lists;
