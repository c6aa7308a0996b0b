//! Tests of forms.

#![allow(dead_code, reason = "only their schemas are used")]

use serde::{Deserialize, Serialize};

use super::*;

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "lowercase")]
enum Size {
    #[default]
    Small,
    Large,
}

#[derive(Deserialize, JsonSchema)]
enum Color {
    /// Like the sky.
    Blue,
    #[schemars(title = "Red!")]
    Red,
    Green,
}

/// A login.
#[derive(Deserialize, JsonSchema)]
struct Everything {
    /// Your name.
    #[schemars(length(min = 1, max = 20))]
    name: String,
    #[schemars(email)]
    email: Option<String>,
    #[schemars(range(min = 18, max = 99))]
    age: u8,
    score: Option<f64>,
    #[serde(default = "yes")]
    verified: bool,
    #[serde(default)]
    size: Size,
    /// Your favourite.
    color: Option<Color>,
    colors: Vec<Color>,
    sizes: Option<Vec<Size>>,
}

fn yes() -> bool {
    true
}

fn everything() -> FormSchema {
    FormSchema::of::<Everything>().expect("a form")
}

#[test]
fn a_struct_is_a_form() {
    let colors = json!([
        {"const": "Green", "title": "Green"},
        {"const": "Blue", "title": "Like the sky."},
        {"const": "Red", "title": "Red!"},
    ]);
    assert_eq!(
        everything().schema,
        json!({
            "type": "object",
            "properties": {
                "name": {"type": "string", "description": "Your name.", "minLength": 1, "maxLength": 20},
                "email": {"type": "string", "format": "email"},
                "age": {"type": "integer", "minimum": 18, "maximum": 99},
                "score": {"type": "number"},
                "verified": {"type": "boolean", "default": true},
                "size": {"type": "string", "enum": ["small", "large"], "default": "small"},
                "color": {"type": "string", "oneOf": colors, "description": "Your favourite."},
                "colors": {"type": "array", "items": {"anyOf": colors}},
                "sizes": {"type": "array", "items": {"type": "string", "enum": ["small", "large"]}},
            },
            "required": ["name", "age", "colors"],
        })
    );
}

#[test]
fn fields_are_written_in_their_order_as_far_as_it_is_known() {
    #[derive(Deserialize, JsonSchema)]
    struct Address {
        #[serde(rename = "postalStreet")]
        street: String,
        city: String,
        #[serde(default)]
        building: u8,
    }
    #[derive(Deserialize, JsonSchema)]
    struct Flattened {
        #[serde(flatten)]
        address: Address,
        apartment: u8,
    }
    let written = |form: FormSchema| serde_json::to_string(&form).expect("JSON");
    assert_eq!(
        written(FormSchema::of::<Address>().expect("a form")),
        r#"{"properties":{"postalStreet":{"type":"string"},"city":{"type":"string"},"building":{"default":0,"maximum":255,"minimum":0,"type":"integer"}},"required":["postalStreet","city"],"type":"object"}"#
    );
    let flattened = written(FormSchema::of::<Flattened>().expect("a form"));
    assert!(flattened.starts_with(r#"{"properties":{"apartment""#), "{flattened}");
}

#[test]
fn an_older_version_has_another_form_of_choices_and_no_lists() {
    #[derive(Deserialize, JsonSchema)]
    struct Paint {
        color: Color,
        size: Size,
    }
    let form = FormSchema::of::<Paint>().expect("a form");
    let schema = form.for_version(ProtocolVersion::V2025_06_18).expect("no lists").schema;
    assert_eq!(
        schema["properties"],
        json!({
            "color": {
                "type": "string", "enum": ["Green", "Blue", "Red"], "enumNames": ["Green", "Like the sky.", "Red!"],
            },
            "size": {"type": "string", "enum": ["small", "large"]},
        })
    );
    assert_eq!(form.for_version(ProtocolVersion::V2025_11_25), Ok(form));
    assert!(everything().for_version(ProtocolVersion::V2025_06_18).expect_err("a list").contains("`colors`"));
}

#[test]
fn what_is_not_flat_is_no_form() {
    #[derive(Deserialize, JsonSchema)]
    struct Nested {
        paint: Inner,
    }
    #[derive(Deserialize, JsonSchema)]
    struct Inner {
        name: String,
    }
    #[derive(Deserialize, JsonSchema)]
    struct Recursive {
        next: Option<Box<Recursive>>,
    }
    #[derive(Deserialize, JsonSchema)]
    struct Listed {
        names: Vec<String>,
    }
    #[derive(Deserialize, JsonSchema)]
    struct Anything {
        value: Value,
    }
    #[derive(Deserialize, JsonSchema)]
    struct Either {
        value: StringOrNumber,
    }
    #[derive(Deserialize, JsonSchema)]
    #[serde(untagged)]
    enum StringOrNumber {
        String(String),
        Number(f64),
    }
    for (form, message) in [
        (FormSchema::of::<Nested>(), "`Nested` can't be a form: look at `paint`; "),
        (FormSchema::of::<Recursive>(), "`Recursive` can't be a form: look at `next`; "),
        (FormSchema::of::<Listed>(), "`Listed` can't be a form: look at `names`; "),
        (FormSchema::of::<Anything>(), "`Anything` can't be a form: look at `value`; "),
        (FormSchema::of::<Either>(), "`Either` can't be a form: look at `value`; "),
        (FormSchema::of::<String>(), "`string` can't be a form: it is not a struct with named fields"),
        (FormSchema::of::<Size>(), "`Size` can't be a form: it is not a struct with named fields"),
    ] {
        let error = form.expect_err(message);
        assert!(error.starts_with(message), "{error}");
    }
}

#[test]
fn a_given_schema_is_kept_and_looked_at() {
    let legacy = json!({"type": "string", "enum": ["a"], "enumNames": ["A"]});
    let schema = json!({"type": "object", "properties": {"old": legacy, "free": {"type": "string", "x": 1}}});
    assert_eq!(FormSchema::given(schema.clone()).expect("a form").schema, schema);
    for wrong in [
        json!(null),
        json!({"properties": {}}),
        json!({"type": "object"}),
        json!({"type": "object", "properties": {"a": {"type": "object"}}}),
        json!({"type": "object", "properties": {"a": {"type": ["string", "null"]}}}),
        json!({"type": "object", "properties": {"a": {"type": "array", "items": {"type": "string"}}}}),
        json!({"type": "object", "properties": {"a": true}}),
    ] {
        assert!(FormSchema::given(wrong.clone()).is_err(), "{wrong}");
    }
}

#[test]
fn a_whole_number_is_an_integer() {
    let taken = |age: Value| {
        let content = json!({"name": "Ada", "age": age, "colors": ["Blue"], "score": 2.0});
        everything().take(content.as_object().cloned().expect("an object")).map(Value::from)
    };
    let expected = json!({"name": "Ada", "age": 36, "colors": ["Blue"], "score": 2.0});
    for age in [json!(36), json!(36.0), json!(3.6e1)] {
        assert_eq!(taken(age), Ok(expected.clone()));
    }
    assert_eq!(taken(json!(36.5)), Err("`age` must be an integer".to_owned()));
}

#[test]
fn an_answer_is_held_against_the_form() {
    let good = json!({"name": "Ada", "age": 36, "colors": ["Blue"], "email": null, "more": {}});
    let check = |content: &Value| everything().check(content.as_object().expect("an object"));
    assert_eq!(check(&good), Ok(()));
    for (field, value, why) in [
        ("name", json!(null), "`name` is missing"),
        ("name", json!(7), "`name` must be a text"),
        ("name", json!(""), "`name` must be at least 1 characters long"),
        ("name", json!("é".repeat(21)), "`name` must be at most 20 characters long"),
        ("age", json!(17), "`age` must be at least 18"),
        ("age", json!(36.5), "`age` must be an integer"),
        ("age", json!("36"), "`age` must be an integer"),
        ("score", json!(true), "`score` must be a number"),
        ("verified", json!("yes"), "`verified` must be true or false"),
        ("size", json!("huge"), "`size` must be one of the choices"),
        ("color", json!("Like the sky."), "`color` must be one of the choices"),
        ("colors", json!("Blue"), "`colors` must be a list"),
        ("colors", json!(["Blue", "Pink"]), "`colors` must be one of the choices"),
        ("colors", json!([7]), "`colors` must be one of the choices"),
    ] {
        let mut content = good.clone();
        content[field] = value;
        assert_eq!(check(&content), Err(why.to_owned()), "{content}");
    }
}
