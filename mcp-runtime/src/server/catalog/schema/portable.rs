//! The form in which schemas leave: what a type says, in the words that all clients understand.
//!
//! schemars writes JSON Schema 2020-12, of which many clients know a part. Some refuse the whole list because of one
//! word in it, others lose the type of an argument. What is left out here is enforced all the same, because values are
//! read as their types.

use serde_json::{Map, Value, json};

/// The formats that clients know, which are those of JSON Schema and of the package `ajv-formats`. Ajv refuses a schema with
/// any other, unless it is told not to.
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

/// The keywords whose value is a schema, or a list of some.
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

/// The keywords whose value has schemas by name.
const OF_NAMED_SCHEMAS: [&str; 5] = ["$defs", "definitions", "dependentSchemas", "patternProperties", "properties"];

/// The keywords that say whether there may be anything else.
const OPENNESS: [&str; 3] = ["additionalProperties", "unevaluatedItems", "unevaluatedProperties"];

/// The keywords that say something of values of these types only.
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

/// The formats of numbers; all others are of texts.
const NUMBER_FORMATS: [&str; 4] = ["double", "float", "int32", "int64"];

/// Rewrites a schema that was made of a type, and all schemas in it.
pub(super) fn make_portable(schema: &mut Value) {
    match schema {
        // The npm SDK refuses the whole list for them, as the official schemas of the protocol up to 2025-11-25 do.
        Value::Bool(true) => *schema = json!({}),
        Value::Bool(false) => *schema = json!({"not": {}}),
        Value::Object(schema) => make_object_portable(schema),
        _ => {}
    }
}

pub(super) fn make_object_portable(schema: &mut Map<String, Value>) {
    schema.remove("$schema");
    let is_closed = OPENNESS.iter().fold(false, |closed, keyword| {
        let said = schema.get(*keyword).and_then(Value::as_bool);
        // google-genai converts no tool that has one of them. An open map is an object that says nothing more.
        if said.is_some() {
            schema.remove(*keyword);
        }
        closed || said == Some(false)
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

/// Replaces `true` and `false` where they are schemas, in one that somebody wrote by hand, who meant the rest of it.
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

/// Says of a map by numbers what its values are, and of its names what few clients know a keyword for in words.
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

/// Drops a format that few know. Those of integers are limits.
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

/// Writes a constant as the only choice: google-genai knows no other way to say it.
fn replace_constant(schema: &mut Map<String, Value>) {
    if schema.contains_key("enum") {
        return;
    }
    if let Some(value) = schema.remove("const") {
        schema.insert("enum".to_owned(), json!([value]));
    }
}

/// Makes one choice of several, as the documented variants of an enum are. What is said about them goes into the
/// description, which a model reads.
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

/// The one type of all these schemas, their values and what is said about them, if they are nothing but choices.
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

/// Says with a word that more clients know that a value has one of several forms. The forms of an enum exclude each other only
/// where they are closed, which nothing says any more; a value is read as the first that it fits.
fn replace_one_of(schema: &mut Map<String, Value>) {
    if !schema.contains_key("anyOf")
        && let Some(schemas) = schema.remove("oneOf")
    {
        schema.insert("anyOf".to_owned(), schemas);
    }
}

/// Says of every array what its items are: VS Code refuses one that does not, and Ajv a keyword of newer drafts.
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

/// The schema of a value that is as one of these say.
fn one_of_them(schemas: Vec<Value>) -> Value {
    let mut forms = flat(schemas);
    match &mut forms[..] {
        [only] => only.take(),
        forms if forms.iter().any(|form| form.as_object().is_some_and(Map::is_empty)) => json!({}),
        _ => json!({"anyOf": forms}),
    }
}

/// Takes the forms out of forms, as an optional enum has them where it is written out: some clients know no forms inside of
/// forms.
fn flatten_forms(schema: &mut Map<String, Value>) {
    if let Some(Value::Array(forms)) = schema.get_mut("anyOf") {
        *forms = flat(std::mem::take(forms));
    }
}

/// These forms, with those of the forms that say nothing else, each once.
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

/// Says in words what a number is not, as that of a `NonZero` type is not 0. The keyword has no type, which many clients
/// want everywhere.
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

/// Makes one form for each type that a value may have. A list of types is one word less, but Ajv warns of it, google-genai
/// fails on one of three, and autogen-ext on each. The Python servers write forms, which all clients know.
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

/// A few words for a schema.
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

/// Adds to the description.
pub(super) fn describe(schema: &mut Map<String, Value>, further: &str) {
    let description = match schema.get("description").and_then(Value::as_str) {
        Some(description) if !further.is_empty() => format!("{description}\n\n{further}"),
        None if !further.is_empty() => further.to_owned(),
        _ => return,
    };
    schema.insert("description".to_owned(), description.into());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn portable(mut schema: Value) -> Value {
        make_portable(&mut schema);
        schema
    }

    #[test]
    fn no_schema_is_a_boolean_wherever_it_stands() {
        for (schema, expected) in [
            (json!(true), json!({})),
            (json!({"items": true, "type": "array"}), json!({"items": {}, "type": "array"})),
            (
                json!({"properties": {"items": true, "b": false}}),
                json!({"properties": {"items": {}, "b": {"not": {}}}}),
            ),
            (json!({"anyOf": [true, {"not": true}]}), json!({"anyOf": [{}, {"not": {}}]})),
            (
                json!({"$defs": {"A": true}, "if": true, "propertyNames": false}),
                json!({"$defs": {"A": {}}, "if": {}, "propertyNames": {"not": {}}}),
            ),
            (json!({"default": true, "enum": [true]}), json!({"default": true, "enum": [true]})),
        ] {
            assert_eq!(portable(schema.clone()), expected, "{schema}");
        }
    }

    #[test]
    fn nothing_says_whether_there_may_be_more() {
        for (schema, expected) in [
            (json!({"type": "object", "additionalProperties": false}), json!({"type": "object"})),
            (
                json!({"properties": {"additionalProperties": {"additionalProperties": true}}}),
                json!({"properties": {"additionalProperties": {}}}),
            ),
            (json!({"additionalProperties": {"type": "string"}}), json!({"additionalProperties": {"type": "string"}})),
            (json!({"additionalProperties": {"additionalProperties": true}}), json!({"additionalProperties": {}})),
            (
                json!({"additionalProperties": false, "patternProperties": {"^\\d+$": {"format": "uint8"}}}),
                json!({"additionalProperties": {}, "description": "Names match `^\\d+$`."}),
            ),
        ] {
            assert_eq!(portable(schema.clone()), expected, "{schema}");
        }
    }

    #[test]
    fn formats_are_those_that_clients_know() {
        let integer = |format: &str| portable(json!({"type": "integer", "format": format, "minimum": 0}));
        assert_eq!(integer("uint64"), json!({"type": "integer", "minimum": 0}));
        assert_eq!(integer("uint32"), json!({"type": "integer", "minimum": 0, "maximum": 4_294_967_295_u32}));
        assert_eq!(integer("int64"), json!({"type": "integer", "format": "int64", "minimum": 0}));
        assert_eq!(
            portable(json!({"format": "uint32", "exclusiveMaximum": 5, "type": ["integer", "null"]})),
            json!({"anyOf": [{"exclusiveMaximum": 5, "type": "integer"}, {"type": "null"}]})
        );
        assert_eq!(portable(json!({"type": "string", "format": "partial-time"})), json!({"type": "string"}));
        assert_eq!(
            portable(json!({"properties": {"format": {"type": "string", "format": "uuid"}}})),
            json!({"properties": {"format": {"type": "string", "format": "uuid"}}})
        );
    }

    #[test]
    fn choices_are_one_list_of_values() {
        for (schema, expected) in [
            (
                json!({"description": "How.", "oneOf": [
                    {"type": "string", "const": "low", "description": "It can\nwait."},
                    {"type": "string", "enum": ["mid", "high"]},
                ]}),
                json!({"description": "How.\n\n- `low`: It can wait.", "type": "string", "enum": ["low", "mid", "high"]}),
            ),
            (
                json!({"oneOf": [{"type": "integer", "const": 1, "title": "One"}]}),
                json!({"description": "- `1`: One", "type": "integer", "enum": [1]}),
            ),
            (json!({"type": "string", "const": "a"}), json!({"type": "string", "enum": ["a"]})),
            (
                json!({"oneOf": [{"type": "string", "const": "a"}, {"type": "object", "additionalProperties": false}]}),
                json!({"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "object"}]}),
            ),
            (
                json!({"oneOf": [{"type": "string"}, {"type": "integer", "enum": [1]}]}),
                json!({"anyOf": [{"type": "string"}, {"type": "integer", "enum": [1]}]}),
            ),
        ] {
            assert_eq!(portable(schema.clone()), expected, "{schema}");
        }
    }

    #[test]
    fn arrays_say_what_their_items_are() {
        for (schema, expected) in [
            (json!({"type": "array"}), json!({"type": "array", "items": {}})),
            (json!({"type": ["array", "null"]}), json!({"anyOf": [{"type": "array", "items": {}}, {"type": "null"}]})),
            (
                json!({"type": "array", "prefixItems": [{"type": "string"}, {"type": ["string", "null"]}, {
                    "anyOf": [{"$ref": "#/$defs/A"}, {"type": "null"}]}]}),
                json!({
                    "type": "array",
                    "description": "The items are, in this order: string, string or null, A or null.",
                    "items": {"anyOf": [{"type": "string"}, {"type": "null"}, {"$ref": "#/$defs/A"}]},
                }),
            ),
            (
                json!({"type": "array", "prefixItems": [{"type": "number"}, {"type": "number"}], "minItems": 2}),
                json!({"type": "array", "items": {"type": "number"}, "minItems": 2}),
            ),
            (
                json!({"type": "array", "description": "Both.", "prefixItems": [{"$ref": "#/$defs/A"}, true, {
                    "type": ["string", "null"]}]}),
                json!({
                    "type": "array",
                    "description": "Both.\n\nThe items are, in this order: A, anything, string or null.",
                    "items": {},
                }),
            ),
        ] {
            assert_eq!(portable(schema.clone()), expected, "{schema}");
        }
    }

    #[test]
    fn each_type_has_a_form_of_its_own() {
        for (schema, expected) in [
            (
                json!({"type": ["string", "number"], "description": "How much.", "pattern": "^-?\\d+$", "default": "0"}),
                json!({
                    "description": "How much.",
                    "default": "0",
                    "anyOf": [{"type": "string", "pattern": "^-?\\d+$"}, {"type": "number"}],
                }),
            ),
            (
                json!({"type": ["integer", "null"], "format": "int64", "minimum": 1, "default": null}),
                json!({
                    "default": null,
                    "anyOf": [{"type": "integer", "format": "int64", "minimum": 1}, {"type": "null"}],
                }),
            ),
            (
                json!({"type": ["string", "boolean", "null"], "enum": ["a", "b", null], "format": "uri"}),
                json!({"anyOf": [{"type": "string", "enum": ["a", "b"], "format": "uri"}, {"type": "null"}]}),
            ),
            (
                json!({"type": ["object", "array"], "items": {"type": ["string"]}, "required": ["a"], "maxItems": 2}),
                json!({"anyOf": [
                    {"type": "object", "required": ["a"]},
                    {"type": "array", "items": {"type": "string"}, "maxItems": 2},
                ]}),
            ),
        ] {
            assert_eq!(portable(schema.clone()), expected, "{schema}");
        }
    }

    #[test]
    fn there_are_no_forms_inside_of_forms() {
        for (schema, expected) in [
            (
                json!({"anyOf": [{"oneOf": [{"type": "string"}, {"type": ["array", "null"]}]}, {"type": "null"}]}),
                json!({"anyOf": [{"type": "string"}, {"type": "array", "items": {}}, {"type": "null"}]}),
            ),
            (
                json!({"anyOf": [{"anyOf": [{"type": "string"}], "description": "A text."}, {"type": "null"}]}),
                json!({"anyOf": [{"anyOf": [{"type": "string"}], "description": "A text."}, {"type": "null"}]}),
            ),
        ] {
            assert_eq!(portable(schema.clone()), expected, "{schema}");
        }
    }

    #[test]
    fn what_a_number_is_not_is_said_in_words() {
        assert_eq!(
            portable(json!({"type": "integer", "format": "int64", "not": {"const": 0}})),
            json!({"type": "integer", "format": "int64", "description": "Not 0."})
        );
        assert_eq!(portable(json!({"not": {"type": "string"}})), json!({"not": {"type": "string"}}));
    }

    #[test]
    fn what_is_written_by_hand_keeps_its_words() {
        let mut schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "additionalProperties": false,
            "properties": {"a": true, "b": {"additionalProperties": {"items": true}, "format": "uint8"}},
        });
        replace_booleans(&mut schema);
        assert_eq!(
            schema,
            json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "additionalProperties": false,
                "properties": {"a": {}, "b": {"additionalProperties": {"items": {}}, "format": "uint8"}},
            })
        );
    }
}
