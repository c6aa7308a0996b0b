//! A validator of the part of JSON Schema (2020-12) that our schemas are written in.
//!
//! A complete one would be half of the code that is built for a run of libFuzzer.

use regex_lite::Regex;
use serde_json::{Map, Value};

/// The limit below which whole numbers are exact.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The verdicts of a schema about a value, the better first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    Valid,
    /// An array where the schema has an object, or an object where it has a text. Serde reads those for a struct and
    /// for a variant, too, whatever stands in them. Or a number that can't be told from the next one.
    OtherForm,
    Invalid,
}

impl From<bool> for Verdict {
    fn from(is_valid: bool) -> Self {
        if is_valid { Self::Valid } else { Self::Invalid }
    }
}

/// Validates a value. Panics for a keyword that it does not know, so that no schema is half understood.
///
/// It is stricter than the standard, as serde is: `int32` and its like are limits.
pub(crate) fn validate(schema: &Value, value: &Value) -> Verdict {
    validate_with(schema, schema, value)
}

fn validate_with(root: &Value, schema: &Value, value: &Value) -> Verdict {
    match schema {
        Value::Bool(valid) => (*valid).into(),
        Value::Object(keywords) => {
            let verdict =
                |(keyword, wanted): (&String, &Value)| keyword_verdict(root, keywords, keyword, wanted, value);
            keywords.iter().map(verdict).max().unwrap_or(Verdict::Valid)
        }
        other => panic!("{other} is no schema"),
    }
}

fn keyword_verdict(
    root: &Value,
    keywords: &Map<String, Value>,
    keyword: &str,
    wanted: &Value,
    value: &Value,
) -> Verdict {
    let of = |schema: &Value, value: &Value| validate_with(root, schema, value);
    let branches = || wanted.as_array().expect("a list of schemas").iter().map(|schema| of(schema, value));
    match keyword {
        "$schema" | "$defs" | "title" | "description" | "default" => Verdict::Valid,
        "$ref" => {
            let pointer = wanted.as_str().and_then(|target| target.strip_prefix('#')).expect("a reference within");
            of(root.pointer(pointer).expect("what is referred to"), value)
        }
        "type" => match wanted {
            Value::Array(types) => types.iter().map(|name| type_verdict(name, value)).min().expect("a type"),
            name => type_verdict(name, value),
        },
        "format" => is_of_format(wanted, value).into(),
        "const" => one_of(std::slice::from_ref(wanted), value),
        "enum" => one_of(wanted.as_array().expect("a list"), value),
        "anyOf" => branches().min().expect("a branch"),
        "oneOf" => match branches().filter(|verdict| *verdict == Verdict::Valid).count() {
            0 => branches().min().expect("a branch"),
            count => (count == 1).into(),
        },
        "minimum" => is_number(value, |number| number >= float(wanted)),
        "maximum" => is_number(value, |number| number <= float(wanted)),
        "exclusiveMaximum" => is_number(value, |number| number < float(wanted)),
        "minLength" => is_text(value, |text| text.chars().count() >= size(wanted)),
        "maxLength" => is_text(value, |text| text.chars().count() <= size(wanted)),
        "pattern" => {
            let pattern = Regex::new(wanted.as_str().expect("a pattern")).expect("a pattern");
            is_text(value, |text| pattern.is_match(text))
        }
        "minItems" => value.as_array().is_none_or(|items| items.len() >= size(wanted)).into(),
        "maxItems" => value.as_array().is_none_or(|items| items.len() <= size(wanted)).into(),
        "prefixItems" => {
            let schemas = wanted.as_array().expect("a list of schemas");
            let items = value.as_array().into_iter().flatten();
            schemas.iter().zip(items).map(|(schema, item)| of(schema, item)).max().unwrap_or(Verdict::Valid)
        }
        "items" => {
            let prefix = keywords.get("prefixItems").and_then(Value::as_array).map_or(0, Vec::len);
            let items = value.as_array().into_iter().flatten().skip(prefix);
            items.map(|item| of(wanted, item)).max().unwrap_or(Verdict::Valid)
        }
        "minProperties" => value.as_object().is_none_or(|members| members.len() >= size(wanted)).into(),
        "maxProperties" => value.as_object().is_none_or(|members| members.len() <= size(wanted)).into(),
        "required" => {
            let mut names = wanted.as_array().expect("a list").iter().map(|name| name.as_str().expect("a name"));
            value.as_object().is_none_or(|members| names.all(|name| members.contains_key(name))).into()
        }
        "properties" => {
            let members = value.as_object().into_iter().flatten();
            let known = members.filter_map(|(name, value)| Some(of(wanted.get(name)?, value)));
            known.max().unwrap_or(Verdict::Valid)
        }
        "additionalProperties" => {
            let known = keywords.get("properties").and_then(Value::as_object);
            let others = value.as_object().into_iter().flatten();
            let others = others.filter(|(name, _)| known.is_none_or(|known| !known.contains_key(*name)));
            others.map(|(_, value)| of(wanted, value)).max().unwrap_or(Verdict::Valid)
        }
        other => panic!("`{other}` is not a keyword that is known here"),
    }
}

fn one_of(values: &[Value], value: &Value) -> Verdict {
    if value.is_object() { Verdict::OtherForm } else { values.contains(value).into() }
}

fn type_verdict(name: &Value, value: &Value) -> Verdict {
    match (name.as_str().expect("the name of a type"), value) {
        ("object", Value::Array(_)) | ("string", Value::Object(_)) => Verdict::OtherForm,
        ("object", value) => value.is_object().into(),
        ("array", value) => value.is_array().into(),
        ("string", value) => value.is_string().into(),
        ("boolean", value) => value.is_boolean().into(),
        ("null", value) => value.is_null().into(),
        ("number", value) => value.is_number().into(),
        ("integer", value) => match value.as_f64().filter(|_| value.is_f64()) {
            // It may have been rounded.
            Some(number) if number.abs() >= EXACT => Verdict::OtherForm,
            Some(number) => (number.fract() == 0.0).into(),
            None => (value.is_i64() || value.is_u64()).into(),
        },
        (other, _) => panic!("`{other}` is not a type"),
    }
}

fn is_of_format(format: &Value, value: &Value) -> bool {
    match format.as_str().expect("the name of a format") {
        "int32" => value.as_f64().is_none_or(|number| number.abs() < EXACT && i32::try_from(number as i64).is_ok()),
        "int64" => !is_above_i64(value),
        // The limits of the others are in the schema.
        "uint8" | "uint16" | "double" => true,
        other => panic!("`{other}` is not a format that is known here"),
    }
}

fn is_above_i64(value: &Value) -> bool {
    value.is_u64() && !value.is_i64()
}

/// Accepts a value that is no number, which is for `type` to refuse.
fn is_number(value: &Value, is: impl FnOnce(f64) -> bool) -> Verdict {
    value.as_f64().is_none_or(is).into()
}

fn is_text(value: &Value, is: impl FnOnce(&str) -> bool) -> Verdict {
    value.as_str().is_none_or(is).into()
}

fn float(limit: &Value) -> f64 {
    limit.as_f64().expect("a number")
}

fn size(limit: &Value) -> usize {
    limit.as_u64().and_then(|size| size.try_into().ok()).expect("a size")
}
