//! The forms that a client shows to its user: a flat object of texts, numbers, booleans and choices.
//!
//! The format is that of MCP, elicitation, "Requested Schema". A form comes from a type or from a schema written by
//! hand.

#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::{DeserializeOwned, Deserializer, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer, forward_to_deserialize_any};
use serde_json::{Map, Value, json};

use crate::json::number::whole;
use crate::protocol::version::ProtocolVersion;

/// The rule about fields, for errors.
const FIELDS: &str = "a form has texts, numbers, booleans, choices and lists of choices";

/// A struct that the user fills in, field by field; see [`Context::elicit`](crate::Context::elicit).
///
/// Every type with `serde::Deserialize` and `schemars::JsonSchema` implements `Form`.
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
    /// The known fields in the order of the struct, which is the order on the screen.
    order: &'static [&'static str],
}

impl FormSchema {
    /// Creates the form of a `T`, with the fields in order.
    pub(crate) fn of<T: Form>() -> Result<Self, String> {
        let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
        let schema = settings.into_generator().into_root_schema_for::<T>();
        let schema = flat(schema.as_value()).map_err(|why| format!("`{}` can't be a form: {why}", T::schema_name()))?;
        Ok(Self { schema, order: fields_of::<T>() })
    }

    /// Creates a form from a schema written by hand, which is sent unchanged.
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

    /// Returns the form in the format of a protocol version.
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

    /// Checks the content of an answer, and turns whole numbers into integers where the form has an integer.
    ///
    /// `5.0` is an integer (JSON Schema 2020-12 validation, §6.1.1).
    ///
    /// # Errors
    /// The content does not conform to the form.
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

    /// Checks the content of an answer. Unknown fields are ignored.
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

/// Serializes the schema, with the fields in order.
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

/// Returns the names of the fields of a struct in order, or none if it has flattened fields.
///
/// The generated `Deserialize` passes the names to its deserializer.
fn fields_of<T: DeserializeOwned>() -> &'static [&'static str] {
    struct FieldRecorder<'a>(&'a mut &'static [&'static str]);

    impl<'de> Deserializer<'de> for FieldRecorder<'_> {
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
    // It always fails, after it has passed the names.
    let _ = T::deserialize(FieldRecorder(&mut fields));
    fields
}

/// Checks the value of one field.
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
            check_choice(field, value)
        }
        Value::Number(number) => within(number.as_f64().unwrap_or_default(), ("minimum", "maximum"), ""),
        Value::Array(values) => {
            #[expect(clippy::cast_precision_loss, reason = "no list is that long")]
            within(values.len() as f64, ("minItems", "maxItems"), " choices")?;
            values.iter().try_for_each(|value| check_choice(&field["items"], value))
        }
        _ => Ok(()),
    }
}

/// Checks that a value is one of the choices, if the field has choices.
fn check_choice(field: &Value, value: &Value) -> Result<(), String> {
    match choices(field) {
        Some(choices) if choices.iter().all(|(choice, _)| value != choice) => {
            Err("must be one of the choices".to_owned())
        }
        _ => Ok(()),
    }
}

/// Returns the values of a choice with their titles, in any of the formats in use.
fn choices(field: &Value) -> Option<Vec<(String, String)>> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    if let Some(values) = field["enum"].as_array() {
        return values.iter().map(|value| Some((text(value)?, text(value)?))).collect();
    }
    let titled = field["oneOf"].as_array().or_else(|| field["anyOf"].as_array())?;
    titled.iter().map(|choice| Some((text(&choice["const"])?, text(&choice["title"])?))).collect()
}

/// Reduces the schema of an object to the keywords of a form.
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

/// Reduces the schema of one field to the keywords of a form.
///
/// `null` is dropped, because an optional field is absent instead. Title, description and default go to `notes`; the
/// outermost wins.
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
            // The format of titled items has no `type`.
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

/// Returns the only type of a schema beside `null`.
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

/// Returns the variants of an enum of texts, with their titles or descriptions.
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

/// Writes variants as a choice: a plain one if none of them has a title.
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
