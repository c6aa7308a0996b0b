//! Tests of portable schemas.

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
        (json!({"properties": {"items": true, "b": false}}), json!({"properties": {"items": {}, "b": {"not": {}}}})),
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
