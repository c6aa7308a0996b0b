//! Numbers, and the other values of one word.

use std::num::NonZeroU32;

use mcp::Json;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct Numbers;

#[derive(Serialize, Deserialize, JsonSchema)]
struct Integers {
    u8: u8,
    u16: u16,
    u32: u32,
    u64: u64,
    usize: usize,
    i8: i8,
    i16: i16,
    i32: i32,
    i64: i64,
    isize: isize,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Wide {
    i128: i128,
    u128: u128,
    some: Option<u128>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Floats {
    f32: f32,
    f64: f64,
    some: Option<f64>,
}

#[mcp::part(of = crate::Dialects)]
impl Numbers {
    /// Return an integer of 64 bits.
    #[mcp::tool(read_only)]
    fn number_u64(&self, value: u64) -> Json<u64> {
        Json(value)
    }

    /// Return an integer of 8 bits.
    #[mcp::tool(read_only)]
    fn number_u8(&self, value: u8) -> Json<u8> {
        Json(value)
    }

    /// Return a number.
    #[mcp::tool(read_only)]
    fn number_f64(&self, value: f64) -> Json<f64> {
        Json(value)
    }

    /// Return an integer that is not zero.
    #[mcp::tool(read_only)]
    fn number_non_zero(&self, value: NonZeroU32) -> Json<NonZeroU32> {
        Json(value)
    }

    /// Return integers of every size.
    #[mcp::tool(read_only)]
    fn number_integers(&self, value: Integers) -> Json<Integers> {
        Json(value)
    }

    /// Return integers of 128 bits.
    #[mcp::tool(read_only)]
    fn number_wide(&self, value: Wide) -> Json<Wide> {
        Json(value)
    }

    /// Return floating-point numbers.
    #[mcp::tool(read_only)]
    fn number_floats(&self, value: Floats) -> Json<Floats> {
        Json(value)
    }

    /// Return a boolean.
    #[mcp::tool(read_only)]
    fn boolean(&self, value: bool) -> Json<bool> {
        Json(value)
    }

    /// Return a character.
    #[mcp::tool(read_only)]
    fn character(&self, value: char) -> Json<char> {
        Json(value)
    }
}
