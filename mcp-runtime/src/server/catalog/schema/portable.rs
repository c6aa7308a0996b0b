//! The portable form of schemas, with only the keywords that clients have in common.
//!
//! schemars writes JSON Schema 2020-12, of which many clients know a part. Some refuse the whole list because of one
//! keyword, others lose the type of an argument. A dropped keyword is still enforced, because values are deserialized as
//! their types.

use serde_json::{Map, Value, json};

/// The formats that clients know: those of JSON Schema and of the package `ajv-formats`.
///
/// By default, Ajv refuses a schema with any other.
const FORMATS: [&str; 24] = [
    "binary",
    "byte",
    "date",
    "date-time",
    "double",
    "duration",
    "email",
    "float",
    "hostname",
    "int32",
    "int64",
    "ipv4",
    "ipv6",
    "json-pointer",
    "password",
    "regex",
    "relative-json-pointer",
    "time",
    "uri",
    "uri-reference",
    "uri-template",
    "url",
    "uuid",
    "iri",
];

/// The keywords whose value is a schema or a list of schemas.
const OF_SCHEMAS: [&str; 15] = [
    "additionalItems",
    "additionalProperties",
    "allOf",
    "anyOf",
    "contains",
    "else",
    "if",
    "items",
    "not",
    "oneOf",
    "prefixItems",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// The keywords whose value is an object of schemas.
const OF_NAMED_SCHEMAS: [&str; 5] = ["$defs", "definitions", "dependentSchemas", "patternProperties", "properties"];

/// The keywords that allow or forbid undeclared parts.
const OPENNESS: [&str; 3] = ["additionalProperties", "unevaluatedItems", "unevaluatedProperties"];

/// The keywords that apply to values of some types only.
const OF_TYPES: [(&[&str], &[&str]); 4] = [
    (&["integer", "number"], &["exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf"]),
    (&["string"], &["contentEncoding", "contentMediaType", "contentSchema", "maxLength", "minLength", "pattern"]),
    (
        &["array"],
        &[
            "additionalItems",
            "contains",
            "items",
            "maxContains",
            "maxItems",
            "minContains",
            "minItems",
            "unevaluatedItems",
            "uniqueItems",
        ],
    ),
    (
        &["object"],
        &[
            "additionalProperties",
            "dependentRequired",
            "dependentSchemas",
            "maxProperties",
            "minProperties",
            "patternProperties",
            "properties",
            "propertyNames",
            "required",
            "unevaluatedProperties",
        ],
    ),
];

/// The formats of numbers. All others are of texts.
const NUMBER_FORMATS: [&str; 4] = ["double", "float", "int32", "int64"];

/// Rewrites the schema of a type, with all schemas in it.
pub(super) fn make_portable(schema: &mut Value) {
    match schema {
        // The npm SDK refuses the whole list because of a boolean schema, as the protocol's schemas up to 2025-11-25 do.
        Value::Bool(true) => *schema = json!({}),
        Value::Bool(false) => *schema = json!({"not": {}}),
        Value::Object(schema) => make_object_portable(schema),
        _ => {}
    }
}

pub(super) fn make_object_portable(schema: &mut Map<String, Value>) {
    schema.remove("$schema");
    let is_closed = OPENNESS.iter().fold(false, |closed, keyword| {
        let is_open = schema.get(*keyword).and_then(Value::as_bool);
        // google-genai converts no tool with one of them. Without them, a schema is open.
        if is_open.is_some() {
            schema.remove(*keyword);
        }
        closed || is_open == Some(false)
    });
    for_each_subschema(schema, &mut make_portable);
    if is_closed {
        unite_patterns(schema);
    }
    drop_format(schema);
    replace_constant(schema);
    unite_choices(schema);
    replace_one_of(schema);
    replace_tuple(schema);
    drop_exclusion(schema);
    split_types(schema);
    flatten_forms(schema);
}

/// Replaces `true` and `false` as schemas, and nothing else, in a handwritten schema.
pub(super) fn replace_booleans(schema: &mut Value) {
    match schema {
        Value::Bool(true) => *schema = json!({}),
        Value::Bool(false) => *schema = json!({"not": {}}),
        Value::Object(schema) => {
            let openness: Vec<_> = OPENNESS.iter().filter_map(|keyword| schema.remove_entry(*keyword)).collect();
            for_each_subschema(schema, &mut replace_booleans);
            for (keyword, mut value) in openness {
                if !value.is_boolean() {
                    replace_booleans(&mut value);
                }
                schema.insert(keyword, value);
            }
        }
        _ => {}
    }
}

pub(super) fn for_each_subschema(schema: &mut Map<String, Value>, change: &mut dyn FnMut(&mut Value)) {
    for (keyword, value) in schema {
        match value {
            Value::Array(schemas) if OF_SCHEMAS.contains(&keyword.as_str()) => {
                schemas.iter_mut().for_each(&mut *change)
            }
            value if OF_SCHEMAS.contains(&keyword.as_str()) => change(value),
            Value::Object(schemas) if OF_NAMED_SCHEMAS.contains(&keyword.as_str()) => {
                schemas.values_mut().for_each(&mut *change);
            }
            _ => {}
        }
    }
}

/// Replaces the only pattern of names by a schema of all values and a description.
fn unite_patterns(schema: &mut Map<String, Value>) {
    let has_one = |patterns: &Map<String, Value>| patterns.len() == 1;
    if schema.contains_key("properties")
        || !schema.get("patternProperties").and_then(Value::as_object).is_some_and(has_one)
    {
        return;
    }
    if let Some(Value::Object(patterns)) = schema.remove("patternProperties") {
        for (pattern, values) in patterns {
            schema.insert("additionalProperties".to_owned(), values);
            describe(schema, &format!("Names match `{pattern}`."));
        }
    }
}

/// Drops a format that few clients know. `uint32` becomes a maximum.
fn drop_format(schema: &mut Map<String, Value>) {
    let Some(format) = schema.get("format").and_then(Value::as_str) else { return };
    if FORMATS.contains(&format) {
        return;
    }
    if format == "uint32" && !schema.contains_key("exclusiveMaximum") {
        schema.entry("maximum").or_insert_with(|| u32::MAX.into());
    }
    schema.remove("format");
}

/// Replaces a constant by a single choice, because google-genai does not know `const`.
fn replace_constant(schema: &mut Map<String, Value>) {
    if schema.contains_key("enum") {
        return;
    }
    if let Some(value) = schema.remove("const") {
        schema.insert("enum".to_owned(), json!([value]));
    }
}

/// Merges several choices, such as the documented variants of an enum.
///
/// Their descriptions move into that of the whole, for the model.
fn unite_choices(schema: &mut Map<String, Value>) {
    let Some(keyword) = ["oneOf", "anyOf"].into_iter().find(|keyword| schema.contains_key(*keyword)) else { return };
    if schema.contains_key("type") || schema.contains_key("enum") {
        return;
    }
    let Some((kind, values, notes)) = schema.get(keyword).and_then(Value::as_array).and_then(|list| choices(list))
    else {
        return;
    };
    schema.remove(keyword);
    schema.insert("type".to_owned(), kind);
    schema.insert("enum".to_owned(), values.into());
    describe(schema, &notes.join("\n"));
}

/// Returns the common type, the values and the descriptions of schemas that are choices only.
fn choices(schemas: &[Value]) -> Option<(Value, Vec<Value>, Vec<String>)> {
    let kind = schemas.first()?.get("type")?;
    let (mut values, mut notes) = (Vec::new(), Vec::new());
    for schema in schemas {
        let Value::Object(schema) = schema else { return None };
        let is_choice = schema.keys().all(|key| ["description", "enum", "title", "type"].contains(&key.as_str()));
        let own = schema.get("enum")?.as_array()?;
        if !is_choice || schema.get("type") != Some(kind) {
            return None;
        }
        if let Some(note) = schema.get("description").or_else(|| schema.get("title")).and_then(Value::as_str) {
            let note = note.split_whitespace().collect::<Vec<_>>().join(" ");
            notes.extend(own.iter().map(|value| match value.as_str() {
                Some(text) => format!("- `{text}`: {note}"),
                None => format!("- `{value}`: {note}"),
            }));
        }
        values.extend(own.iter().cloned());
    }
    Some((kind.clone(), values, notes))
}

/// Replaces `oneOf` by `anyOf`, which more clients know.
///
/// Forms exclude each other only if they are closed, and no portable schema is. A value is read as the first matching form.
fn replace_one_of(schema: &mut Map<String, Value>) {
    if !schema.contains_key("anyOf")
        && let Some(schemas) = schema.remove("oneOf")
    {
        schema.insert("anyOf".to_owned(), schemas);
    }
}

/// Replaces the schemas of a tuple's items by one schema, and gives every array `items`.
///
/// VS Code refuses an array without `items`, and Ajv a keyword of newer drafts.
fn replace_tuple(schema: &mut Map<String, Value>) {
    if let Some(Value::Array(mut items)) = schema.remove("prefixItems") {
        items.extend(schema.remove("items"));
        let of_one_type = items.windows(2).all(|pair| pair[0] == pair[1]);
        if !of_one_type {
            let names: Vec<String> = items.iter().map(name).collect();
            describe(schema, &format!("The items are, in this order: {}.", names.join(", ")));
        }
        schema.insert("items".to_owned(), one_of_them(items));
    }
    let is_array = match schema.get("type") {
        Some(Value::String(kind)) => kind == "array",
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "array"),
        _ => false,
    };
    if is_array {
        schema.entry("items").or_insert_with(|| json!({}));
    }
}

/// Returns the schema of a value with one of some forms.
fn one_of_them(schemas: Vec<Value>) -> Value {
    let mut forms = flat(schemas);
    match &mut forms[..] {
        [only] => only.take(),
        forms if forms.iter().any(|form| form.as_object().is_some_and(Map::is_empty)) => json!({}),
        _ => json!({"anyOf": forms}),
    }
}

/// Flattens forms in forms, as an inlined optional enum has them. Some clients do not know these.
fn flatten_forms(schema: &mut Map<String, Value>) {
    if let Some(Value::Array(forms)) = schema.get_mut("anyOf") {
        *forms = flat(std::mem::take(forms));
    }
}

/// Returns the forms with those inside of others, each once.
fn flat(schemas: Vec<Value>) -> Vec<Value> {
    let mut all = Vec::new();
    for schema in schemas {
        let forms = match schema.as_object().filter(|schema| schema.len() == 1).and_then(|schema| schema.get("anyOf")) {
            Some(Value::Array(forms)) => forms.clone(),
            _ => vec![schema],
        };
        for form in forms {
            if !all.contains(&form) {
                all.push(form);
            }
        }
    }
    all
}

/// Replaces excluded values by a description, such as the 0 of a `NonZero` type.
///
/// The schema in `not` has no type, which many clients require.
fn drop_exclusion(schema: &mut Map<String, Value>) {
    let Some(Value::Object(excluded)) = schema.get("not") else { return };
    if excluded.len() == 1
        && let Some(Value::Array(values)) = excluded.get("enum")
    {
        let values = values.iter().map(Value::to_string).collect::<Vec<_>>().join(", ");
        schema.remove("not");
        describe(schema, &format!("Not {values}."));
    }
}

/// Replaces a list of types by one form for each.
///
/// All clients know forms, as the Python servers write them. Ajv warns of a list of types, google-genai fails if it has
/// three, and autogen-ext if it has any.
fn split_types(schema: &mut Map<String, Value>) {
    if ["anyOf", "oneOf"].iter().any(|keyword| schema.contains_key(*keyword)) {
        return;
    }
    let Some(Value::Array(kinds)) = schema.get("type") else { return };
    let kinds: Vec<String> = kinds.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    schema.remove("type");
    let choices = schema.remove("enum");
    let format = schema.remove("format");
    let format_of = |kind: &str| {
        let is_of_number = format.as_ref()?.as_str().is_some_and(|format| NUMBER_FORMATS.contains(&format));
        let is_own = match kind {
            "integer" | "number" => is_of_number,
            "string" => !is_of_number,
            _ => false,
        };
        format.clone().filter(|_| is_own)
    };
    let mut forms: Vec<Map<String, Value>> = Vec::new();
    for kind in &kinds {
        let mut form = Map::from_iter([("type".to_owned(), Value::from(kind.as_str()))]);
        if let Some(Value::Array(values)) = &choices {
            let own: Vec<Value> = values.iter().filter(|value| is_of(kind, value)).cloned().collect();
            if own.is_empty() {
                continue;
            }
            if kind != "null" {
                form.insert("enum".to_owned(), own.into());
            }
        }
        form.extend(format_of(kind).map(|format| ("format".to_owned(), format)));
        let keywords = OF_TYPES.iter().filter(|(kinds, _)| kinds.contains(&kind.as_str()));
        for keyword in keywords.flat_map(|(_, keywords)| *keywords) {
            form.extend(schema.get(*keyword).map(|value| ((*keyword).to_owned(), value.clone())));
        }
        forms.push(form);
    }
    for keyword in OF_TYPES.iter().flat_map(|(_, keywords)| *keywords) {
        schema.remove(*keyword);
    }
    match &mut forms[..] {
        [only] => schema.append(only),
        _ => {
            schema.insert("anyOf".to_owned(), forms.into());
        }
    }
}

fn is_of(kind: &str, value: &Value) -> bool {
    match value {
        Value::Null => kind == "null",
        Value::Bool(_) => kind == "boolean",
        Value::Number(number) => kind == "number" || (kind == "integer" && !number.is_f64()),
        Value::String(_) => kind == "string",
        Value::Array(_) => kind == "array",
        Value::Object(_) => kind == "object",
    }
}

/// Returns a few words for a schema.
fn name(schema: &Value) -> String {
    match (&schema["$ref"], &schema["type"], &schema["enum"]) {
        (Value::String(reference), ..) => reference.rsplit('/').next().unwrap_or_default().to_owned(),
        (_, _, Value::Array(values)) => {
            format!("one of {}", values.iter().map(Value::to_string).collect::<Vec<_>>().join(" | "))
        }
        (_, Value::String(kind), _) => kind.clone(),
        _ => match &schema["anyOf"] {
            Value::Array(forms) => forms.iter().map(name).collect::<Vec<_>>().join(" or "),
            _ => "anything".to_owned(),
        },
    }
}

/// Appends a text to the description.
pub(super) fn describe(schema: &mut Map<String, Value>, further: &str) {
    let description = match schema.get("description").and_then(Value::as_str) {
        Some(description) if !further.is_empty() => format!("{description}\n\n{further}"),
        None if !further.is_empty() => further.to_owned(),
        _ => return,
    };
    schema.insert("description".to_owned(), description.into());
}

#[cfg(test)]
mod tests;
