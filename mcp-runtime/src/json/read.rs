//! Deserialization helpers of wire types, and their errors.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A text, borrowed if it has no escapes. A plain `Cow` would always copy.
#[derive(Deserialize)]
pub(crate) struct Text<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

/// A struct read from an object only. A derived `Deserialize` also accepts arrays.
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        object(deserializer, Object)
    }
}

/// Reads a `T` from an object, and converts it.
pub(crate) fn object<'de, T, U, D>(deserializer: D, convert: fn(T) -> U) -> Result<U, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_map(ObjectReader(convert))
}

struct ObjectReader<T, U>(fn(T) -> U);

impl<'de, T: Deserialize<'de>, U> Visitor<'de> for ObjectReader<T, U> {
    type Value = U;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<U, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members)).map(self.0)
    }
}

/// Reads a member that is present, even as `null`.
pub(crate) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Returns `true` if the value is an object.
pub(crate) fn is_object(raw: &RawValue) -> bool {
    raw.get().starts_with('{')
}

/// Adds the name of a member to its error.
pub(crate) fn about<E: serde::de::Error>(member: &str, error: &E) -> E {
    let why = error.to_string();
    E::custom(format_args!("`{member}`: {}", position_cut(&why)))
}

/// Returns the message of an error without its position.
///
/// The position counts from the start of a part, and the client only knows the whole.
pub(crate) fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    // The message of a type can contain text that looks like a position.
    if error.line() == 0 { text } else { position_cut(&text).to_owned() }
}

fn position_cut(text: &str) -> &str {
    text.rfind(" at line ").map_or(text, |end| &text[..end])
}
