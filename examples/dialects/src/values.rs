//! Values of any form.

use std::collections::BTreeMap;

use mcp::Json;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(crate) struct Values;

#[derive(Serialize, Deserialize, JsonSchema)]
struct Envelope {
    kind: String,
    /// Whatever the kind wants.
    payload: Value,
    attachments: Vec<Value>,
    meta: Option<Map<String, Value>>,
}

#[mcp::part(of = crate::Dialects)]
impl Values {
    /// Return a value of any form.
    #[mcp::tool(read_only)]
    fn any(
        &self,
        /// Anything.
        value: Value,
    ) -> Json<Value> {
        Json(value)
    }

    /// Return a value of any form, or nothing.
    #[mcp::tool(read_only)]
    fn any_optional(&self, value: Option<Value>) -> Json<Option<Value>> {
        Json(value)
    }

    /// Return a list of anything.
    #[mcp::tool(read_only)]
    fn any_list(&self, value: Vec<Value>) -> Json<Vec<Value>> {
        Json(value)
    }

    /// Return anything by name.
    #[mcp::tool(read_only)]
    fn any_map(&self, value: BTreeMap<String, Value>) -> Json<BTreeMap<String, Value>> {
        Json(value)
    }

    /// Return an object of any form.
    #[mcp::tool(read_only)]
    fn any_object(&self, value: Map<String, Value>) -> Json<Map<String, Value>> {
        Json(value)
    }

    /// Return a struct that has anything in it.
    #[mcp::tool(read_only)]
    fn any_within(&self, value: Envelope) -> Json<Envelope> {
        Json(value)
    }
}
