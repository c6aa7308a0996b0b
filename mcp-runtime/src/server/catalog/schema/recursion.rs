//! Schemas without references. A recursive type is expanded once, and is only a kind of value further inside.
//!
//! Some clients follow references without end, and lose the whole server because of one recursive type.

use serde_json::{Map, Value, json};

use super::portable::{describe, for_each_subschema};

/// Limits the definitions in a row that only refer to the next one.
const MAX_REFERENCES: usize = 8;

/// Replaces the references in an inlined schema. The remaining ones refer to types around them.
pub(super) fn remove_references(schema: &mut Map<String, Value>, definitions: Map<String, Value>) {
    let mut around = definitions;
    around.insert("#".to_owned(), schema.clone().into());
    cut(schema, &around);
}

fn cut(schema: &mut Map<String, Value>, around: &Map<String, Value>) {
    for_each_subschema(schema, &mut |schema| {
        if let Value::Object(schema) = schema {
            cut(schema, around);
        }
    });
    let Some(Value::String(reference)) = schema.get("$ref") else { return };
    let Some((name, definition)) = referred(reference, around) else { return };
    schema.remove("$ref");
    if let Some(description) = definition.get("description") {
        schema.entry("description").or_insert_with(|| description.clone());
    }
    describe(schema, &format!("It has the form of the `{name}` that it is part of."));
    let mut kinds = kinds(definition, around, MAX_REFERENCES)
        .unwrap_or_default()
        .into_iter()
        .map(|kind| if kind == "array" { json!({"type": kind, "items": {}}) } else { json!({"type": kind}) });
    match (kinds.next(), kinds.next()) {
        (Some(Value::Object(only)), None) => {
            for (keyword, value) in only {
                schema.entry(keyword).or_insert(value);
            }
        }
        (Some(first), Some(second)) => {
            let forms = Value::from_iter([first, second].into_iter().chain(kinds));
            schema.entry("anyOf").or_insert(forms);
        }
        _ => {}
    }
}

/// Returns the definition of a reference, with its name.
fn referred<'d>(reference: &str, around: &'d Map<String, Value>) -> Option<(&'d str, &'d Value)> {
    let (name, definition) = around.get_key_value(reference.strip_prefix("#/$defs/").unwrap_or(reference))?;
    Some(if name == "#" { (definition["title"].as_str().unwrap_or("whole"), definition) } else { (name, definition) })
}

/// Returns the kinds of values that a schema declares, if it declares them.
fn kinds<'d>(schema: &'d Value, around: &'d Map<String, Value>, references: usize) -> Option<Vec<&'d str>> {
    let mut all = Vec::new();
    match (&schema["type"], &schema["anyOf"], &schema["$ref"]) {
        (Value::String(kind), ..) => all.push(&**kind),
        (_, Value::Array(forms), _) => {
            for form in forms {
                for kind in kinds(form, around, references)? {
                    if !all.contains(&kind) {
                        all.push(kind);
                    }
                }
            }
        }
        (_, _, Value::String(reference)) if references > 0 => {
            return kinds(referred(reference, around)?.1, around, references - 1);
        }
        _ => return None,
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_inside_of_itself_is_of_its_kind() {
        let definitions = json!({
            "Tree": {"type": "object", "description": "A tree.", "properties": {"in": {"$ref": "#/$defs/Tree"}}},
            "Either": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"$ref": "#/$defs/Either"}}]},
            "Alias": {"$ref": "#/$defs/Tree"},
            "Circle": {"$ref": "#/$defs/Circle"},
        });
        let form = |name: &str| format!("It has the form of the `{name}` that it is part of.");
        for (schema, expected) in [
            (
                json!({"type": "object", "properties": {"in": {"$ref": "#/$defs/Tree"}}}),
                json!({"type": "object", "properties": {
                    "in": {"type": "object", "description": format!("A tree.\n\n{}", form("Tree"))}}}),
            ),
            (
                json!({"anyOf": [{"$ref": "#/$defs/Either"}, {"type": "null"}]}),
                json!({"anyOf": [
                    {
                        "anyOf": [{"type": "string"}, {"type": "array", "items": {}}],
                        "description": form("Either"),
                    },
                    {"type": "null"},
                ]}),
            ),
            (
                json!({"items": {"$ref": "#/$defs/Alias", "description": "Below."}}),
                json!({"items": {"type": "object", "description": format!("Below.\n\n{}", form("Alias"))}}),
            ),
            (json!({"$ref": "#/$defs/Circle"}), json!({"description": form("Circle")})),
            (
                json!({"type": "object", "title": "Tree", "properties": {"in": {"$ref": "#"}}}),
                json!({"type": "object", "title": "Tree", "properties": {
                    "in": {"type": "object", "description": form("Tree")}}}),
            ),
            (json!({"$ref": "https://example.com/a"}), json!({"$ref": "https://example.com/a"})),
        ] {
            let mut written_out = schema.as_object().cloned().unwrap();
            remove_references(&mut written_out, definitions.as_object().cloned().unwrap());
            assert_eq!(Value::from(written_out), expected, "{schema}");
        }
    }
}
