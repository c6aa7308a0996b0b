//! Values that may be absent, lists, sets, tuples and maps.

use std::collections::{BTreeMap, BTreeSet};

use mcp::Json;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct Collections;

#[derive(Serialize, Deserialize, JsonSchema)]
struct Item {
    /// The name of the item.
    name: String,
    price: f64,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Segment {
    /// The beginning, in degrees.
    start: (f64, f64),
    end: [f64; 2],
    tags: BTreeSet<String>,
    labels: BTreeMap<String, String>,
    note: Option<String>,
}

#[mcp::part(of = crate::Dialects)]
impl Collections {
    /// Return a text, or nothing.
    #[mcp::tool(read_only)]
    fn optional_text(&self, value: Option<String>) -> Json<Option<String>> {
        Json(value)
    }

    /// Return a struct, or nothing.
    #[mcp::tool(read_only)]
    fn optional_struct(&self, value: Option<Item>) -> Json<Option<Item>> {
        Json(value)
    }

    /// Return texts.
    #[mcp::tool(read_only)]
    fn list_of_texts(&self, value: Vec<String>) -> Json<Vec<String>> {
        Json(value)
    }

    /// Return structs.
    #[mcp::tool(read_only)]
    fn list_of_structs(&self, value: Vec<Item>) -> Json<Vec<Item>> {
        Json(value)
    }

    /// Return texts and gaps.
    #[mcp::tool(read_only)]
    fn list_of_options(&self, value: Vec<Option<u32>>) -> Json<Vec<Option<u32>>> {
        Json(value)
    }

    /// Return lists of lists.
    #[mcp::tool(read_only)]
    fn list_of_lists(&self, value: Vec<Vec<i64>>) -> Json<Vec<Vec<i64>>> {
        Json(value)
    }

    /// Return an array of a fixed length.
    #[mcp::tool(read_only)]
    fn array(&self, value: [u8; 3]) -> Json<[u8; 3]> {
        Json(value)
    }

    /// Return a set.
    #[mcp::tool(read_only)]
    fn set(&self, value: BTreeSet<String>) -> Json<BTreeSet<String>> {
        Json(value)
    }

    /// Return a tuple of one type.
    #[mcp::tool(read_only)]
    fn tuple_of_one_type(&self, value: (f64, f64)) -> Json<(f64, f64)> {
        Json(value)
    }

    /// Return a tuple of several types.
    #[mcp::tool(read_only)]
    fn tuple_of_several_types(&self, value: (String, u32, bool)) -> Json<(String, u32, bool)> {
        Json(value)
    }

    /// Return pairs.
    #[mcp::tool(read_only)]
    fn list_of_tuples(&self, value: Vec<(String, i32)>) -> Json<Vec<(String, i32)>> {
        Json(value)
    }

    /// Return texts by name.
    #[mcp::tool(read_only)]
    fn map_of_texts(&self, value: BTreeMap<String, String>) -> Json<BTreeMap<String, String>> {
        Json(value)
    }

    /// Return structs by name.
    #[mcp::tool(read_only)]
    fn map_of_structs(&self, value: BTreeMap<String, Item>) -> Json<BTreeMap<String, Item>> {
        Json(value)
    }

    /// Return texts by number.
    #[mcp::tool(read_only)]
    fn map_by_number(&self, value: BTreeMap<u32, String>) -> Json<BTreeMap<u32, String>> {
        Json(value)
    }

    /// Return collections in a struct.
    #[mcp::tool(read_only)]
    fn collections_within(&self, value: Segment) -> Json<Segment> {
        Json(value)
    }
}
