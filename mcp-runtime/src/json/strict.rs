//! JSON objects with one meaning for every parser.
//!
//! RFC 8259 §4 leaves open the meaning of an object with two members of one name. Such a token or document is refused,
//! because another reader may have checked the other member (RFC 7515 §4, RFC 7519 §4).

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::check::{TextProblem, check};

/// Limits the nesting, so that the stack stays small. No token needs more.
const MAX_DEPTH: usize = 32;

/// Parses one object: UTF-8, unique members on every level, finite numbers, and nothing behind it.
///
/// The error quotes nothing. Most tokens are flat, and are read once.
///
/// Nested objects are walked through in a second pass. The walk cannot read them, because the form of numbers depends on
/// the features of `serde_json` in a program. An invalid text is walked through for its error.
pub(crate) fn parse_object(text: &[u8]) -> Result<Map<String, Value>, &'static str> {
    check(text, MAX_DEPTH).map_err(|problem| match problem {
        TextProblem::TooDeep => "it is nested too deep",
        TextProblem::PrivateName => "a text in it begins like a name that is private to the parser",
    })?;
    let text = std::str::from_utf8(text).map_err(|_| NOT_JSON)?;
    let object = read(text);
    if !object.as_ref().is_ok_and(|object| object.values().all(is_flat)) {
        let walked = Unique.deserialize(&mut serde_json::Deserializer::from_str(text));
        walked.map_err(|error| match error.classify() {
            serde_json::error::Category::Data => "an object has a member twice",
            _ => NOT_JSON,
        })?;
    }
    object.map_err(|_| "it is not one JSON object")
}

const NOT_JSON: &str = "it is not JSON";

/// Reads one object whose own members are unique; those of objects in it may not be.
fn read(text: &str) -> serde_json::Result<Map<String, Value>> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let object = deserializer.deserialize_map(Members)?;
    deserializer.end()?;
    Ok(object)
}

/// Returns `true` if the value is a scalar, or an array of scalars.
fn is_flat(value: &Value) -> bool {
    let is_scalar = |value: &Value| !value.is_array() && !value.is_object();
    value.as_array().map_or_else(|| is_scalar(value), |items| items.iter().all(is_scalar))
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Map::new();
        while let Some((name, value)) = map.next_entry()? {
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom(TWICE));
            }
        }
        Ok(members)
    }
}

const TWICE: &str = "a member twice";

/// A visitor that checks a value without keeping it.
#[derive(Clone, Copy)]
struct Unique;

impl<'de> DeserializeSeed<'de> for Unique {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if !names.insert(name) {
                return Err(A::Error::custom(TWICE));
            }
            map.next_value_seed(self)?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(self)?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_is_clear() {
        for text in [
            "{}",
            r#"{"a":[1,-2,2.5e3,"x",true,null],"b":"\u0061"}"#,
            r#"{"a":{"a":[1,-2,2.5e3,"x",true,null,{}]},"b":{"a":1}}"#,
            " {\"a\":1}\n",
        ] {
            assert!(parse_object(text.as_bytes()).is_ok(), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_not() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(32), "]".repeat(32));
        let deeper = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        for text in [
            "",
            "[]",
            "1",
            "null",
            "{} {}",
            "{}x",
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"a":[{"b":{"c":1,"c":2}}]}"#,
            r#"{"a":[[{"c":1,"c":2}]]}"#,
            r#"{"a":1,"b":{"c":1,"c":2}}"#,
            r#"{"a":{},"b":1,"a":1}"#,
            r#"{"a":{"$serde_json::private::RawValue":"1"}}"#,
            r#"{"a":{"\u0024serde_json::private::Number":"1"}}"#,
            r#"{"a":1e400}"#,
            r#"{"a":NaN}"#,
            r#"{"a":"\ud800"}"#,
            r#"{"a":1,}"#,
            "{'a':1}",
            "\u{feff}{}",
            &deep,
            &deeper,
        ] {
            assert!(parse_object(text.as_bytes()).is_err(), "{:.40}", text);
        }
        assert!(parse_object(b"{\"a\":\"\xff\"}").is_err());
        assert!(parse_object(b"{\"\xc0\x80\":1}").is_err());
    }
}
