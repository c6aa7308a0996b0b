//! The explanation of a value that its type refuses, in the words of JSON.

use super::path::Path;
use super::problems::{Cause, Problem};
use super::words::one_of;
use crate::json::read::without_position;
use crate::json::tree::{Json, Node};

/// A value after its fit to a shape, with the problems that remain.
pub(crate) struct Fit {
    /// The value as JSON, without spaces.
    pub(crate) text: String,
    pub(super) problems: Vec<Problem>,
}

impl Fit {
    /// Returns the first limit that the value breaks, although its type reads it.
    pub(crate) fn violation(&self) -> Option<&str> {
        self.problems.iter().find(|problem| problem.cause != Cause::Type).map(|problem| &*problem.message)
    }

    /// Explains the error of the type in the words of JSON, with the path to its place.
    pub(crate) fn explain(&self, name: &str, error: &serde_json::Error) -> String {
        let Place { path, is_name } = self.place_of(name, error);
        let is_within = |inner: &str, outer: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        let found = self.problems.iter().find(|problem| is_within(&problem.path, &path));
        let found = found.or_else(|| self.problems.iter().find(|problem| is_within(&path, &problem.path)));
        match found {
            Some(problem) => problem.message.clone(),
            None if is_name => plain_of_name(&path, &without_position(error)),
            None => plain(&path, &without_position(error)),
        }
    }

    /// Returns the part that the parser read last.
    fn place_of(&self, name: &str, error: &serde_json::Error) -> Place {
        let argument = Path::Argument(name);
        if error.line() != 1 {
            return Place::value(&argument);
        }
        let Ok(raw) = serde_json::from_str(&self.text) else { return Place::value(&argument) };
        let Some(json) = Json::of(raw) else { return Place::value(&argument) };
        place_at(&json, error.column(), &argument)
    }
}

/// A part of a value.
struct Place {
    path: String,
    /// Set for the name of a member, and not for its value.
    is_name: bool,
}

impl Place {
    fn value(path: &Path<'_>) -> Self {
        Self { path: path.to_string(), is_name: false }
    }
}

/// Returns the innermost part of a value at an offset of its text.
fn place_at(json: &Json<'_>, offset: usize, path: &Path<'_>) -> Place {
    let contains = |part: &Json<'_>| part.span.0 < offset && offset <= part.span.1;
    match &json.node {
        Node::Array(items) => {
            let found = items.iter().enumerate().find(|(_, item)| contains(item));
            found.map_or_else(|| Place::value(path), |(index, item)| place_at(item, offset, &Path::Item(path, index)))
        }
        Node::Object(members) => {
            // The offset of the comma or the brace before a name.
            let mut before = json.span.0;
            for (name, value) in members {
                let path = Path::Member(path, name);
                if contains(value) {
                    return place_at(value, offset, &path);
                }
                if before + 1 < offset && offset <= value.span.0 {
                    return Place { path: path.to_string(), is_name: true };
                }
                before = value.span.1;
            }
            Place::value(path)
        }
        Node::Scalar(_) => Place::value(path),
    }
}

/// Translates the error of a type for the name of a member.
fn plain_of_name(path: &str, error_text: &str) -> String {
    if let Some((_, variants)) = unknown_variant(error_text) {
        return format!("{path}: the name must be {}", one_of(&variants));
    }
    match error_text.strip_prefix("invalid value: ") {
        Some(error_text) if error_text.contains("key to be a number") => format!("{path}: the name must be a number"),
        _ => plain(path, error_text),
    }
}

/// Returns the unknown variant in an error of a type, and the known ones.
fn unknown_variant(error_text: &str) -> Option<(&str, Vec<String>)> {
    let (given, expected) = error_text.strip_prefix("unknown variant `")?.split_once("`, expected ")?;
    Some((given, expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()))
}

/// Translates the error of a type for a value, without names of Rust types.
fn plain(path: &str, error_text: &str) -> String {
    if let Some(name) = error_text.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        return format!("{path}.{name} is missing");
    }
    if error_text.starts_with("data did not match any variant") {
        return format!("{path}: it has none of the forms that are allowed");
    }
    if let Some((given, variants)) = unknown_variant(error_text) {
        return format!("{path}: expected {}, got {}", one_of(&variants), mcp_core::json_string(given));
    }
    let rest = ["invalid type: ", "invalid value: "].iter().find_map(|prefix| error_text.strip_prefix(prefix));
    if let Some((found, expected)) = rest.and_then(|rest| rest.split_once(", expected ")) {
        let found = match found.split_once('`').and_then(|(_, value)| value.split_once('`')) {
            Some((value, _)) => value,
            None => match found {
                "map" => "an object",
                "sequence" => "an array",
                found => found.strip_prefix("string ").unwrap_or(found),
            },
        };
        return format!("{path}: expected {}, got {found}", without_rust(expected));
    }
    format!("{path}: {error_text}")
}

/// Translates serde's expectation into the words of JSON.
fn without_rust(expected: &str) -> &str {
    match expected {
        "a boolean" => "true or false",
        "a map" => "an object",
        "a sequence" => "an array",
        "f32" | "f64" => "a number",
        "unit" => "null",
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => {
            "an integer"
        }
        _ if expected.starts_with("a nonzero ") => "an integer other than 0",
        _ if expected.starts_with("tuple") || expected.starts_with("a tuple") => "an array",
        _ if expected.starts_with("struct") => "an object",
        _ if expected.contains("enum") || expected.contains("variant") || expected.contains("struct") => {
            "one of the forms that are allowed"
        }
        _ => expected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_type_says_has_no_names_of_rust() {
        for (said, expected) in [
            ("missing field `name`", "a.name is missing"),
            ("invalid type: integer `1`, expected struct Address", "a: expected an object, got 1"),
            ("invalid type: string \"x\", expected u8", "a: expected an integer, got \"x\""),
            ("invalid type: map, expected a sequence", "a: expected an array, got an object"),
            ("invalid type: null, expected tuple struct Pair with 2 elements", "a: expected an array, got null"),
            ("unknown variant `c`, expected `a` or `b`", "a: expected one of a, b, got \"c\""),
            ("unknown variant `c`, expected one of `a`, `b`, `d`", "a: expected one of a, b, d, got \"c\""),
            ("invalid value: integer `0`, expected a nonzero i64", "a: expected an integer other than 0, got 0"),
            ("data did not match any variant of untagged enum X", "a: it has none of the forms that are allowed"),
            ("input is out of range", "a: input is out of range"),
        ] {
            assert_eq!(plain("a", said), expected);
        }
    }
}
