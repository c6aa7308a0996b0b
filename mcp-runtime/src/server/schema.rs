//! From the table to the schemas that `tools/list` shows.

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::table::{Parameter, Tool};
use crate::protocol::tools::InputSchema;

#[expect(clippy::expect_used, reason = "the macro wrote the one, and a schema is JSON")]
pub(super) fn input_schema<S>(tool: &Tool<S>) -> Box<RawValue> {
    match tool.input_schema {
        Some(json) => serde_json::from_str(json),
        None => serde_json::value::to_raw_value(&of_parameters(tool.parameters)),
    }
    .expect("a schema")
}

pub(super) fn output_schema<S>(tool: &Tool<S>) -> Option<Map<String, Value>> {
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = (tool.output_schema)(&mut generator)?;
    // Without it, a schema is of the same dialect.
    schema.remove("$schema");
    Some(into_object(schema))
}

fn of_parameters(parameters: &[Parameter]) -> InputSchema {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let properties = parameters.iter().map(|parameter| (parameter.name, property(parameter, &mut generator)));
    InputSchema {
        properties: properties.collect(),
        required: parameters
            .iter()
            .filter(|parameter| parameter.is_required())
            .map(|parameter| parameter.name)
            .collect(),
        definitions: generator.take_definitions(true),
    }
}

/// What the type says, and what the parameter adds to it.
fn property(parameter: &Parameter, generator: &mut SchemaGenerator) -> Map<String, Value> {
    let mut schema = into_object((parameter.schema)(generator));
    let mut set = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            schema.insert(key.to_owned(), value);
        }
    };
    set("description", parameter.description.map(Value::from));
    set("default", parameter.default.and_then(json));
    set("pattern", parameter.pattern.map(Value::from));
    set("x-mcp-header", parameter.header.map(Value::from));
    if let Some(length) = parameter.length {
        set(length.measure.keywords.0, length.minimum.map(Value::from));
        set(length.measure.keywords.1, length.maximum.map(Value::from));
    }
    if let Some(range) = parameter.range {
        set("minimum", range.minimum.and_then(json));
        set(if range.inclusive { "maximum" } else { "exclusiveMaximum" }, range.maximum.and_then(json));
    }
    if parameter.header.is_some() {
        leave_null_out(&mut schema);
    }
    schema
}

/// Clients refuse a header for what is not of one primitive type. That a value may be left out is said elsewhere.
fn leave_null_out(schema: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [name] = &mut types[..] {
            let name = name.take();
            schema.insert("type".to_owned(), name);
        }
    }
}

/// What the macro wrote as JSON.
fn json(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

/// `true` and `false` are schemas, too, and get the form of an object here.
fn into_object(mut schema: Schema) -> Map<String, Value> {
    std::mem::take(schema.ensure_object())
}
