//! Tools that use the possibilities of schemas.

use mcp::Json;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct Schemas;

#[derive(Deserialize, JsonSchema)]
struct Address {
    street: Option<String>,
    city: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Weather {
    /// In degrees Celsius.
    temperature: f64,
    conditions: &'static str,
}

#[mcp::part(of = crate::Everything)]
impl Schemas {
    /// Run a query in a region, by which intermediaries can route the call, because it is repeated in a header.
    #[mcp::tool(read_only)]
    fn test_custom_header(&self, #[arg(header = "Region")] region: String, query: Option<String>) -> String {
        format!("Ran {:?} in {region}", query.unwrap_or_default())
    }

    /// Return data, and what form they have.
    #[mcp::tool(read_only)]
    fn test_structured_content(
        &self,
        /// The name of a place.
        #[arg(length = 1..=80)]
        city: String,
    ) -> Json<Weather> {
        Json(Weather { temperature: city.len() as f64, conditions: "Partly cloudy" })
    }

    /// Keep somebody's contact data. The schema says how the arguments depend on each other.
    #[mcp::tool(input_schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {
            "address": {
                "$anchor": "addressDef",
                "type": "object",
                "properties": { "street": { "type": "string" }, "city": { "type": "string" } }
            }
        },
        "properties": {
            "name": { "type": "string" },
            "address": { "$ref": "#/$defs/address" },
            "contactMethod": { "type": "string", "enum": ["phone", "email"] },
            "phone": { "type": "string" },
            "email": { "type": "string" }
        },
        "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
        "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
        "then": { "required": ["phone"] },
        "else": { "required": ["email"] },
        "additionalProperties": false
    })]
    fn json_schema_2020_12_tool(
        &self,
        name: Option<String>,
        address: Option<Address>,
        #[arg(name = "contactMethod")] contact_method: Option<String>,
        phone: Option<String>,
        email: Option<String>,
    ) -> String {
        let Address { street, city } = address.unwrap_or(Address { street: None, city: None });
        let known: Vec<String> = [name, street, city, contact_method, phone, email].into_iter().flatten().collect();
        known.join(", ")
    }
}
