//! The schemas of tools, as `tools/list` publishes them.

pub(crate) mod portable;
pub(crate) mod recursion;
pub(crate) mod shape;

use std::borrow::Cow;
use std::collections::HashSet;

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use self::portable::{make_object_portable, make_portable, replace_booleans};
use self::recursion::remove_references;
use super::composition_error::{CompositionError, Problem};
use crate::protocol::tools::InputSchema;
use crate::server::declare::info::Dialect;
use crate::server::declare::parameter::Parameter;
use crate::server::declare::rows::Tool;

/// Returns the schema of the arguments.
///
/// # Errors
/// Two arguments have one name, or a type with fields has none.
#[expect(clippy::expect_used, reason = "the macro wrote the one, and a schema is JSON")]
pub(super) fn input_schema<S>(tool: &Tool<S>, dialect: Dialect) -> Result<Box<RawValue>, CompositionError> {
    let name = tool.offer.key;
    let schema = match tool.input_schema {
        Some(json) => by_hand(json),
        None => serde_json::value::to_raw_value(&of_parameters(name, tool.parameters, dialect)?),
    }
    .expect("a schema");
    warn_of_names(name, &serde_json::from_str(schema.get()).unwrap_or_default());
    Ok(schema)
}

/// Returns the schema of a tool that is known at run time only.
#[expect(clippy::expect_used, reason = "every `Value` has a JSON form")]
pub(super) fn dynamic_schema(schema: &Value) -> Box<RawValue> {
    serde_json::value::to_raw_value(&acceptable(schema)).expect("a schema")
}

/// Logs the members of types with names that some clients refuse.
fn warn_of_names(tool: &'static str, schema: &Value) {
    let Value::Object(schema) = schema else { return };
    for (keyword, value) in schema {
        match value {
            Value::Object(properties) if keyword == "properties" => {
                for (name, schema) in properties {
                    if mcp_core::Name::parse(name.as_str()).is_err() {
                        tracing::warn!(
                            tool,
                            name,
                            "some APIs of models refuse a tool with a member of this name; rename it with `#[serde(rename)]`"
                        );
                    }
                    warn_of_names(tool, schema);
                }
            }
            Value::Object(schemas) if keyword == "$defs" => {
                schemas.values().for_each(|schema| warn_of_names(tool, schema));
            }
            Value::Array(schemas) => schemas.iter().for_each(|schema| warn_of_names(tool, schema)),
            schema if keyword != "default" => warn_of_names(tool, schema),
            _ => {}
        }
    }
}

/// Returns a handwritten schema, changed only where clients would refuse the whole list.
fn by_hand(json: &str) -> serde_json::Result<Box<RawValue>> {
    let written: Value = serde_json::from_str(json)?;
    let schema = acceptable(&written);
    if schema == written { serde_json::from_str(json) } else { serde_json::value::to_raw_value(&schema) }
}

/// Returns a schema in a form that clients accept.
fn acceptable(written: &Value) -> Value {
    let mut schema = written.clone();
    replace_booleans(&mut schema);
    if let Value::Object(schema) = &mut schema {
        schema.entry("properties").or_insert_with(|| Map::new().into());
    }
    schema
}

/// Returns the schema of the structured content, if the tool has one.
pub(super) fn output_schema(
    schema: fn(&mut SchemaGenerator) -> Option<Schema>,
    dialect: Dialect,
) -> Option<Map<String, Value>> {
    let mut generator = settings(dialect).for_serialize().into_generator();
    let mut schema = into_object(schema(&mut generator)?);
    make_object_portable(&mut schema);
    if dialect.inline_schemas {
        let definitions = schema.remove("$defs").and_then(|definitions| match definitions {
            Value::Object(definitions) => Some(definitions),
            _ => None,
        });
        remove_references(&mut schema, definitions.unwrap_or_default());
    }
    if !schema.contains_key("type") && is_object(&Value::Object(schema.clone()), &schema) {
        schema.insert("type".to_owned(), "object".into());
    }
    Some(schema)
}

/// Returns `true` if every value of a schema is an object, in each form of an enum.
///
/// Before 2026-07-28, the schema of a result must declare that itself.
fn is_object(schema: &Value, root: &Map<String, Value>) -> bool {
    match (&schema["type"], &schema["$ref"], schema["anyOf"].as_array()) {
        (Value::String(kind), ..) => kind == "object",
        (_, Value::String(reference), _) => {
            let definition = reference.strip_prefix("#/$defs/").and_then(|name| root.get("$defs")?.get(name));
            definition.is_some_and(|definition| definition["type"] == "object")
        }
        (_, _, Some(forms)) => !forms.is_empty() && forms.iter().all(|form| is_object(form, root)),
        _ => false,
    }
}

fn settings(dialect: Dialect) -> SchemaSettings {
    SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = dialect.inline_schemas)
}

fn of_parameters(
    tool: &'static str,
    parameters: &[Parameter],
    dialect: Dialect,
) -> Result<InputSchema, CompositionError> {
    let mut generator = settings(dialect).into_generator();
    let (mut properties, mut required) = (Vec::new(), Vec::new());
    for parameter in parameters {
        let Some(fields) = parameter.ty.fields else {
            properties.push((parameter.name.into(), property(parameter, &mut generator)));
            required.extend(parameter.is_required().then_some(parameter.name.into()));
            continue;
        };
        let mut schema = into_object(fields(&mut generator));
        make_object_portable(&mut schema);
        let Some(Value::Object(fields)) = schema.remove("properties") else {
            return Err(CompositionError::new(Problem::NoFields { tool, parameter: parameter.name }));
        };
        for (name, field) in fields {
            let field = if let Value::Object(field) = field { field } else { Map::new() };
            properties.push((Cow::Owned(name), field));
        }
        if let (Some(Value::Array(names)), false) = (schema.remove("required"), parameter.has_default) {
            required.extend(names.iter().filter_map(Value::as_str).map(|name| Cow::Owned(name.to_owned())));
        }
    }
    let mut names = HashSet::new();
    if let Some((name, _)) = properties.iter().find(|(name, _)| !names.insert(name)) {
        return Err(CompositionError::new(Problem::ArgumentTwice { tool, argument: name.to_string() }));
    }
    let mut schema = InputSchema {
        properties,
        required,
        definitions: (generator.take_definitions(true).into_iter())
            .map(|(name, mut definition)| {
                make_portable(&mut definition);
                (name, definition)
            })
            .collect(),
    };
    if dialect.inline_schemas {
        let definitions = std::mem::take(&mut schema.definitions);
        schema.properties.iter_mut().for_each(|(_, schema)| remove_references(schema, definitions.clone()));
    }
    Ok(schema)
}

/// Returns the schema of a parameter: that of its type, with the parameter's own keywords.
fn property(parameter: &Parameter, generator: &mut SchemaGenerator) -> Map<String, Value> {
    let mut schema = into_object((parameter.ty.schema)(generator));
    if parameter.header.is_some() || parameter.absent_is_null() {
        drop_null(&mut schema);
    }
    let mut set = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            schema.insert(key.to_owned(), value);
        }
    };
    set("description", parameter.description.map(Value::from));
    set("default", parameter.default.and_then(json));
    set("pattern", parameter.constraints.pattern.map(|pattern| Value::from(pattern.source)));
    set("x-mcp-header", parameter.header.map(Value::from));
    if let Some(length) = parameter.constraints.length {
        set(length.keywords.0, length.minimum.map(Value::from));
        set(length.keywords.1, length.maximum.map(Value::from));
    }
    if let Some(range) = parameter.constraints.range {
        set("minimum", range.minimum.and_then(json));
        set(if range.inclusive { "maximum" } else { "exclusiveMaximum" }, range.maximum.and_then(json));
    }
    make_object_portable(&mut schema);
    schema
}

/// Removes `null` from a schema with other values.
///
/// Many clients know only schemas of one type, and refuse a header for any other. `required` already makes the value
/// optional, and the server still accepts `null`.
fn drop_null(schema: &mut Map<String, Value>) {
    if schema.get("default").is_some_and(Value::is_null) {
        schema.remove("default");
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        drop_if_others(values, Value::is_null);
    }
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        drop_if_others(types, |name| name == "null");
        if let [name] = &mut types[..] {
            let name = name.take();
            schema.insert("type".to_owned(), name);
        }
    }
    for keyword in ["anyOf", "oneOf"] {
        if let Some(Value::Array(branches)) = schema.get_mut(keyword) {
            drop_if_others(branches, |branch| branch["type"] == "null");
            if let [Value::Object(only)] = &mut branches[..] {
                let only = std::mem::take(only);
                schema.remove(keyword);
                for (key, value) in only {
                    schema.entry(key).or_insert(value);
                }
            }
        }
    }
}

/// Drops `null` from values, unless all of them are `null`.
fn drop_if_others(values: &mut Vec<Value>, is_null: impl Fn(&Value) -> bool) {
    if !values.iter().all(&is_null) {
        values.retain(|value| !is_null(value));
    }
}

/// Parses JSON of the macro.
fn json(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

/// Converts a schema to an object. `true` and `false` are schemas, too.
fn into_object(mut schema: Schema) -> Map<String, Value> {
    std::mem::take(schema.ensure_object())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn null_is_left_out_where_something_else_is_left() {
        for (schema, expected) in [
            (json!({"type": ["integer", "null"], "minimum": 0}), json!({"type": "integer", "minimum": 0})),
            (json!({"type": ["integer", "string", "null"]}), json!({"type": ["integer", "string"]})),
            (json!({"type": ["string", "null"], "enum": ["a", null]}), json!({"type": "string", "enum": ["a"]})),
            (
                json!({"anyOf": [{"$ref": "#/$defs/Colour"}, {"type": "null"}], "description": "Of it."}),
                json!({"$ref": "#/$defs/Colour", "description": "Of it."}),
            ),
            (
                json!({"description": "Of it.", "oneOf": [{"type": "null"}, {"type": "array", "description": "All."}]}),
                json!({"description": "Of it.", "type": "array"}),
            ),
            (
                json!({"anyOf": [{"type": "string"}, {"type": "array"}, {"type": "null", "description": "None."}]}),
                json!({"anyOf": [{"type": "string"}, {"type": "array"}]}),
            ),
            (json!({"type": ["string", "null"], "default": null}), json!({"type": "string"})),
        ] {
            let mut object = schema.as_object().cloned().unwrap();
            drop_null(&mut object);
            assert_eq!(Value::from(object), expected, "{schema}");
        }
    }

    #[test]
    fn what_is_only_null_or_below_the_top_stays() {
        for schema in [
            json!({}),
            json!({"type": "null"}),
            json!({"const": null}),
            json!({"enum": [null]}),
            json!({"type": "array", "items": {"type": ["string", "null"]}}),
            json!({"type": "string", "default": "null"}),
        ] {
            let mut object = schema.as_object().cloned().unwrap();
            drop_null(&mut object);
            assert_eq!(Value::from(object), schema);
        }
    }
}
