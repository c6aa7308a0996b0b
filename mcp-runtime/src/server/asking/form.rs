//! Forms: from a type, or a schema that was written by hand, to what a client shows to its user, and back.
//!
//! A form is a flat object of texts, numbers, booleans and choices (MCP, elicitation, "Requested Schema").

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::{DeserializeOwned, Deserializer, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer, forward_to_deserialize_any};
use serde_json::{Map, Value, json};

use crate::protocol::version::ProtocolVersion;
use crate::server::call::fit::whole;

/// What a form may have in it, for those who have something else.
const FIELDS: &str = "a form has texts, numbers, booleans, choices and lists of choices";

/// A struct that [`Context::elicit`](crate::Context::elicit) lets the user fill in, field by field.
///
/// It is implemented for every type that has `serde::Deserialize` and `schemars::JsonSchema`; there is nothing else to do.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a form",
    label = "not a struct that can be read from what the user enters",
    note = "add `#[derive(serde::Deserialize, schemars::JsonSchema)]` to `{Self}`, a struct with named fields"
)]
pub trait Form: DeserializeOwned + JsonSchema {}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + JsonSchema> Form for T {}

/// The schema of a form.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FormSchema {
    schema: Value,
    /// The fields in the order in which a user should see them, as far as it is known.
    order: &'static [&'static str],
}

impl FormSchema {
    /// The form that asks for a `T`, with its fields in their order.
    pub(crate) fn of<T: Form>() -> Result<Self, String> {
        let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
        let schema = settings.into_generator().into_root_schema_for::<T>();
        let schema = flat(schema.as_value()).map_err(|why| format!("`{}` can't be a form: {why}", T::schema_name()))?;
        Ok(Self { schema, order: fields_of::<T>() })
    }

    /// A form whose schema is already one; it is sent as it is.
    pub(crate) fn given(schema: Value) -> Result<Self, String> {
        if schema["type"] != "object" {
            return Err("The schema of a form must have the `type` `object`".to_owned());
        }
        let fields = schema["properties"].as_object().ok_or("The schema of a form must have `properties`")?;
        for (name, field) in fields {
            let is_known = match field["type"].as_str() {
                Some("array") => choices(&field["items"]).is_some(),
                Some("string" | "number" | "integer" | "boolean") => true,
                _ => false,
            };
            if !is_known {
                return Err(format!("The schema can't be a form: look at `{name}`; {FIELDS}"));
            }
        }
        Ok(Self { schema, order: &[] })
    }

    /// The form as a version of the protocol knows it.
    pub(crate) fn for_version(&self, version: ProtocolVersion) -> Result<Self, String> {
        let mut form = self.clone();
        if version >= ProtocolVersion::V2025_11_25 {
            return Ok(form);
        }
        let fields = form.schema["properties"].as_object_mut().into_iter().flatten();
        for (name, field) in fields {
            if field["type"] == "array" {
                return Err(format!("The form has a list, `{name}`, which protocol version {version} does not know"));
            }
            if let (Some(choices), Some(field)) = (choices(field), field.as_object_mut())
                && field.remove("oneOf").is_some()
            {
                let (values, titles): (Vec<_>, Vec<_>) = choices.into_iter().unzip();
                field.insert("enum".to_owned(), values.into());
                field.insert("enumNames".to_owned(), titles.into());
            }
        }
        Ok(form)
    }

    /// Takes the content of an answer, with its whole numbers as integers where the form asks for them (JSON Schema 2020-12
    /// validation, §6.1.1: `5.0` is one).
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn take(&self, mut content: Map<String, Value>) -> Result<Map<String, Value>, String> {
        self.check(&content)?;
        for (name, field) in self.schema["properties"].as_object().into_iter().flatten() {
            if field["type"] == "integer"
                && let Some(Value::Number(number)) = content.get_mut(name)
                && let Some(Ok(integer)) = whole(&number.to_string()).map(|integer| integer.parse())
            {
                *number = integer;
            }
        }
        Ok(content)
    }

    /// What is wrong with the content of an answer. Fields that were not asked for are ignored.
    fn check(&self, content: &Map<String, Value>) -> Result<(), String> {
        let required = self.schema["required"].as_array().into_iter().flatten();
        for name in required.filter_map(Value::as_str) {
            if content.get(name).is_none_or(Value::is_null) {
                return Err(format!("`{name}` is missing"));
            }
        }
        for (name, field) in self.schema["properties"].as_object().into_iter().flatten() {
            if let Some(value) = content.get(name).filter(|value| !value.is_null()) {
                check_value(field, value).map_err(|why| format!("`{name}` {why}"))?;
            }
        }
        Ok(())
    }
}

/// Its schema, with the fields in their order.
impl Serialize for FormSchema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Fields<'f>(&'f Map<String, Value>, &'static [&'static str]);

        impl Serialize for Fields<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let Self(fields, order) = self;
                let known = order.iter().filter_map(|name| fields.get_key_value(*name));
                let others = fields.iter().filter(|(name, _)| !order.contains(&name.as_str()));
                serializer.collect_map(known.chain(others))
            }
        }

        let members = self.schema.as_object();
        let mut schema = serializer.serialize_map(None)?;
        for (name, value) in members.into_iter().flatten() {
            match value.as_object().filter(|_| name == "properties") {
                Some(fields) => schema.serialize_entry(name, &Fields(fields, self.order))?,
                None => schema.serialize_entry(name, value)?,
            }
        }
        schema.end()
    }
}

/// The names of the fields of a struct in their order, which serde tells whoever it is to be read from. Not those of one
/// with flattened fields.
fn fields_of<T: DeserializeOwned>() -> &'static [&'static str] {
    struct Listener<'a>(&'a mut &'static [&'static str]);

    impl<'de> Deserializer<'de> for Listener<'_> {
        type Error = serde::de::value::Error;

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
            Err(serde::de::Error::custom("there is nothing to read"))
        }

        fn deserialize_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            visitor: V,
        ) -> Result<V::Value, Self::Error> {
            *self.0 = fields;
            self.deserialize_any(visitor)
        }

        forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
            newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }

    let mut fields: &'static [&'static str] = &[];
    // It fails, once it has told what it would have read.
    let _ = T::deserialize(Listener(&mut fields));
    fields
}

fn check_value(field: &Value, value: &Value) -> Result<(), String> {
    let is_whole =
        |number: &Value| number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|n| n.fract() == 0.0);
    let (kind, fits) = match field["type"].as_str() {
        Some("string") => ("a text", value.is_string()),
        Some("number") => ("a number", value.is_number()),
        Some("integer") => ("an integer", is_whole(value)),
        Some("boolean") => ("true or false", value.is_boolean()),
        _ => ("a list", value.is_array()),
    };
    if !fits {
        return Err(format!("must be {kind}"));
    }
    let within =
        |size: f64, (least, most): (&str, &str), unit: &str| match (field[least].as_f64(), field[most].as_f64()) {
            (Some(least), _) if size < least => Err(format!("must be at least {least}{unit}")),
            (_, Some(most)) if size > most => Err(format!("must be at most {most}{unit}")),
            _ => Ok(()),
        };
    match value {
        Value::String(text) => {
            #[expect(clippy::cast_precision_loss, reason = "no text is that long")]
            within(text.chars().count() as f64, ("minLength", "maxLength"), " characters long")?;
            is_choice(field, value)
        }
        Value::Number(number) => within(number.as_f64().unwrap_or_default(), ("minimum", "maximum"), ""),
        Value::Array(values) => {
            #[expect(clippy::cast_precision_loss, reason = "no list is that long")]
            within(values.len() as f64, ("minItems", "maxItems"), " choices")?;
            values.iter().try_for_each(|value| is_choice(&field["items"], value))
        }
        _ => Ok(()),
    }
}

/// Whether a value can be chosen, where there are choices.
fn is_choice(field: &Value, value: &Value) -> Result<(), String> {
    match choices(field) {
        Some(choices) if choices.iter().all(|(choice, _)| value != choice) => {
            Err("must be one of the choices".to_owned())
        }
        _ => Ok(()),
    }
}

/// The values of a choice with their titles, in any of the forms that are in use.
fn choices(field: &Value) -> Option<Vec<(String, String)>> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    if let Some(values) = field["enum"].as_array() {
        return values.iter().map(|value| Some((text(value)?, text(value)?))).collect();
    }
    let titled = field["oneOf"].as_array().or_else(|| field["anyOf"].as_array())?;
    titled.iter().map(|choice| Some((text(&choice["const"])?, text(&choice["title"])?))).collect()
}

/// The schema of an object, with nothing in it but what a form can have.
fn flat(schema: &Value) -> Result<Value, String> {
    let Some(fields) = schema["properties"].as_object().filter(|_| schema["type"] == "object") else {
        return Err("it is not a struct with named fields".to_owned());
    };
    let properties = fields.iter().map(|(name, schema)| {
        let mut notes = Map::new();
        let field = field(schema, &mut notes).ok_or_else(|| format!("look at `{name}`; {FIELDS}"))?;
        notes.extend(field);
        Ok((name.clone(), notes.into()))
    });
    let mut form = json!({"type": "object", "properties": properties.collect::<Result<Map<_, _>, String>>()?});
    if let Some(required) = schema["required"].as_array().filter(|required| !required.is_empty()) {
        form["required"] = required.clone().into();
    }
    Ok(form)
}

/// One field, without `null`: a field that is not required is left out instead. What is said about it, and not about its
/// values, goes to `notes`; the outermost wins.
fn field(schema: &Value, notes: &mut Map<String, Value>) -> Option<Map<String, Value>> {
    let Value::Object(schema) = schema else { return None };
    for note in ["title", "description", "default"] {
        if let Some(value) = schema.get(note).filter(|value| !value.is_null() && !notes.contains_key(note)) {
            notes.insert(note.to_owned(), value.clone());
        }
    }
    // `Option<T>` of a type that has a schema of its own.
    for list in ["anyOf", "allOf", "oneOf"] {
        let parts = schema.get(list).and_then(Value::as_array).into_iter().flatten();
        if let [only] = parts.filter(|part| part["type"] != "null").collect::<Vec<_>>()[..]
            && only.get("const").is_none()
        {
            return field(only, notes);
        }
    }
    if let Some(choices) = variants(schema) {
        return Some(single_choice("oneOf", choices));
    }
    let copied = |names: &[&str]| {
        let present = names.iter().filter_map(|name| Some(((*name).to_owned(), schema.get(*name)?.clone())));
        present.collect::<Map<_, _>>()
    };
    match kind(schema)? {
        "string" => {
            let mut field = copied(&["type", "minLength", "maxLength", "format"]);
            field.insert("type".to_owned(), "string".into());
            let is_known = |format: &Value| ["email", "uri", "date", "date-time"].iter().any(|known| format == known);
            field.retain(|name, value| name != "format" || is_known(value));
            Some(field)
        }
        number @ ("integer" | "number") => {
            let mut field = copied(&["minimum", "maximum"]);
            field.insert("type".to_owned(), number.into());
            Some(field)
        }
        "boolean" => Some(Map::from_iter([("type".to_owned(), "boolean".into())])),
        "array" => {
            let items = variants(schema.get("items")?.as_object()?)?;
            let mut items = single_choice("anyOf", items);
            // A titled item is known by its choices alone.
            if items.contains_key("anyOf") {
                items.remove("type");
            }
            let mut field = copied(&["minItems", "maxItems"]);
            field.insert("type".to_owned(), "array".into());
            field.insert("items".to_owned(), items.into());
            Some(field)
        }
        _ => None,
    }
}

/// The one type of a schema beside `null`.
fn kind(schema: &Map<String, Value>) -> Option<&str> {
    match schema.get("type")? {
        Value::String(kind) => Some(kind),
        Value::Array(kinds) => match kinds.iter().filter(|kind| *kind != "null").collect::<Vec<_>>()[..] {
            [kind] => kind.as_str(),
            _ => None,
        },
        _ => None,
    }
}

/// The variants of an enum of texts, with what is said about them.
fn variants(schema: &Map<String, Value>) -> Option<Vec<(Value, Option<Value>)>> {
    let values = |values: &Vec<Value>| -> Option<Vec<_>> {
        let values = values.iter().filter(|value| !value.is_null());
        values.map(|value| value.is_string().then(|| (value.clone(), None))).collect()
    };
    if let Some(listed) = schema.get("enum").and_then(Value::as_array) {
        return values(listed);
    }
    if let Some(value) = schema.get("const").filter(|value| value.is_string()) {
        return Some(vec![(value.clone(), schema.get("title").or_else(|| schema.get("description")).cloned())]);
    }
    let parts = schema.get("oneOf").or_else(|| schema.get("anyOf"))?.as_array()?;
    let parts = parts.iter().filter(|part| part["type"] != "null").map(|part| variants(part.as_object()?));
    Some(parts.collect::<Option<Vec<_>>>()?.concat())
}

/// Variants as a choice: a plain one if nothing is said about any of them.
fn single_choice(titled: &str, variants: Vec<(Value, Option<Value>)>) -> Map<String, Value> {
    let choices = if variants.iter().all(|(_, title)| title.is_none()) {
        ("enum".to_owned(), variants.into_iter().map(|(value, _)| value).collect())
    } else {
        let titled_choice = |(value, title): (Value, Option<Value>)| {
            let title = title.unwrap_or_else(|| value.clone());
            json!({"const": value, "title": title})
        };
        (titled.to_owned(), variants.into_iter().map(titled_choice).collect())
    };
    Map::from_iter([("type".to_owned(), "string".into()), choices])
}

#[cfg(test)]
mod tests {
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
}
