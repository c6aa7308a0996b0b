//! The catalog of what a server offers.

mod dialects;
mod dynamic_tools;
mod fields;
mod resource_lists;
