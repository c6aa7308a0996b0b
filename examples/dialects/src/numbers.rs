//! Numbers, and the other values of one word.

use std::borrow::Cow;
use std::num::{NonZeroI64, NonZeroU32};

use mcp::Json;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
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

/// A number, or one in a text, as decimal numbers are where no digit may get lost.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Decimal {
    Number(f64),
    Text(String),
}

impl JsonSchema for Decimal {
    fn schema_name() -> Cow<'static, str> {
        "Decimal".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "number"], "pattern": r"^-?\d+(\.\d+)?$"})
    }
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Price {
    /// Without taxes.
    net: Decimal,
    tax: Option<Decimal>,
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

    /// Return an integer of either sign that is not zero.
    #[mcp::tool(read_only)]
    fn number_non_zero_signed(&self, value: NonZeroI64) -> Json<NonZeroI64> {
        Json(value)
    }

    /// Return a number or a text.
    #[mcp::tool(read_only)]
    fn number_or_text(&self, value: Decimal) -> Json<Decimal> {
        Json(value)
    }

    /// Return numbers or texts in a struct.
    #[mcp::tool(read_only)]
    fn number_or_text_within(&self, value: Price) -> Json<Price> {
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
