//! The arguments of a call: from the raw JSON object to the types of the method.
//!
//! Everything that can be wrong here is told to the model, so that it can try again: which argument, and why.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;

use regex_lite::Regex;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::value::RawValue;

use super::call::Call;
use super::table::{Bound, Length, Parameter};
use crate::protocol::error::Error;
use crate::protocol::message::{is_object, without_position};

/// A type that a client can give as an argument: it is read with serde and described with schemars.
///
/// It is implemented for every type that has both; there is nothing else to do.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be an argument of a tool",
    label = "not an argument that a client can give",
    note = "an argument needs a type with `#[derive(serde::Deserialize, schemars::JsonSchema)]`",
    note = "what the request carries is taken by reference, such as `&mcp::AccessToken`"
)]
pub trait Argument: Sized {
    /// Whether the argument can be left out, which is so for every type that serde reads from nothing: `Option`.
    #[doc(hidden)]
    fn is_optional() -> bool;

    #[doc(hidden)]
    fn schema(generator: &mut SchemaGenerator) -> Schema;

    /// Takes the argument out of a call.
    #[doc(hidden)]
    fn take<S>(call: &mut Call<'_, S>, name: &'static str) -> Result<Self, Error>;

    /// Takes an argument out of a call that the client may leave out.
    #[doc(hidden)]
    fn take_or<S>(call: &mut Call<'_, S>, name: &'static str, default: fn() -> Self) -> Result<Self, Error>;
}

// The two are not supertraits, because rustc would report each of them instead of the text above.
#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + JsonSchema> Argument for T {
    fn is_optional() -> bool {
        T::deserialize(Missing).is_ok()
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }

    fn take<S>(call: &mut Call<'_, S>, name: &'static str) -> Result<Self, Error> {
        call.arguments.take(name, None)
    }

    fn take_or<S>(call: &mut Call<'_, S>, name: &'static str, default: fn() -> Self) -> Result<Self, Error> {
        call.arguments.take(name, Some(default))
    }
}

/// A type that `#[arg(range = …)]` can constrain.
#[diagnostic::on_unimplemented(
    message = "`range` is for numbers, and `{Self}` is not one",
    label = "not a number",
    note = "for the length of a text or a list, write `#[arg(length = …)]`"
)]
pub trait Ranged {
    #[doc(hidden)]
    const NUMBER: Number = Number(());
}

/// What has a range.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Number(());

/// A type that `#[arg(length = …)]` can constrain.
#[diagnostic::on_unimplemented(
    message = "`length` is for texts and lists, and `{Self}` is neither",
    label = "not a text or a list",
    note = "for the size of a number, write `#[arg(range = …)]`"
)]
pub trait Measured {
    #[doc(hidden)]
    const MEASURE: Measure;
}

/// What a length is called in a schema, and what it counts.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Measure {
    pub(crate) keywords: (&'static str, &'static str),
    pub(crate) unit: &'static str,
}

/// A type that `#[arg(pattern = "…")]` can constrain.
#[diagnostic::on_unimplemented(message = "`pattern` is for texts, and `{Self}` is not one", label = "not a text")]
pub trait Textual {
    #[doc(hidden)]
    const TEXT: Text = Text(());
}

/// What has a pattern.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Text(());

/// A type that a text literal can be the default of.
#[diagnostic::on_unimplemented(
    message = "a text can't be the default of `{Self}`",
    label = "this is a text",
    note = "write an expression of the type `{Self}`"
)]
pub trait FromText {
    #[doc(hidden)]
    fn from_text(text: &'static str) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: From<&'static str>> FromText for T {
    fn from_text(text: &'static str) -> Self {
        text.into()
    }
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl Ranged for $number {}
    )*};
}
numbers!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64);

macro_rules! texts {
    ($($text:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl Textual for $text {}
        #[diagnostic::do_not_recommend]
        impl Measured for $text {
            const MEASURE: Measure = Measure { keywords: ("minLength", "maxLength"), unit: "characters" };
        }
    )*};
}
texts!(String Box<str> Cow<'_, str>);

macro_rules! collections {
    ($($collection:ty, [$($generic:ident),*], $keywords:expr, $unit:literal;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generic),*> Measured for $collection {
            const MEASURE: Measure = Measure { keywords: $keywords, unit: $unit };
        }
    )*};
}
collections! {
    Vec<T>, [T], ("minItems", "maxItems"), "items";
    Box<[T]>, [T], ("minItems", "maxItems"), "items";
    BTreeSet<T>, [T], ("minItems", "maxItems"), "items";
    HashSet<T, H>, [T, H], ("minItems", "maxItems"), "items";
    BTreeMap<K, V>, [K, V], ("minProperties", "maxProperties"), "entries";
    HashMap<K, V, H>, [K, V, H], ("minProperties", "maxProperties"), "entries";
}

#[diagnostic::do_not_recommend]
impl<T: Ranged> Ranged for Option<T> {}
#[diagnostic::do_not_recommend]
impl<T: Textual> Textual for Option<T> {}
#[diagnostic::do_not_recommend]
impl<T: Measured> Measured for Option<T> {
    const MEASURE: Measure = T::MEASURE;
}

/// A parameter with its pattern compiled, once, when the server is built.
pub(crate) struct PreparedParameter {
    pub(crate) parameter: &'static Parameter,
    pattern: Option<Regex>,
}

impl PreparedParameter {
    #[expect(clippy::expect_used, reason = "the macro compiled the same pattern with the same crate")]
    pub(crate) fn new(parameter: &'static Parameter) -> Self {
        let pattern = parameter.pattern.map(|pattern| Regex::new(pattern).expect("a checked pattern"));
        Self { parameter, pattern }
    }

    /// Checks a value against the constraints, which do not say anything about `null`.
    fn check(&self, raw: &RawValue) -> Result<(), String> {
        let json = raw.get();
        if json == "null" {
            return Ok(());
        }
        if let Some((minimum, maximum)) = self.parameter.range {
            check_range(json, minimum, maximum)?;
        }
        if let Some(length) = self.parameter.length {
            check_length(json, length)?;
        }
        if let Some(pattern) = &self.pattern
            && serde_json::from_str::<Cow<'_, str>>(json).is_ok_and(|text| !pattern.is_match(&text))
        {
            return Err(format!("must match the pattern `{pattern}`"));
        }
        Ok(())
    }
}

/// The arguments of one call. Each is taken at most once.
pub(crate) struct Arguments<'a> {
    given: Vec<(Cow<'a, str>, &'a RawValue)>,
    parameters: &'a [PreparedParameter],
}

impl<'a> Arguments<'a> {
    pub(crate) fn parse(raw: Option<&'a RawValue>, parameters: &'a [PreparedParameter]) -> Result<Self, Error> {
        let given = match raw {
            None => Vec::new(),
            Some(raw) if is_object(raw) => serde_json::Deserializer::from_str(raw.get())
                .deserialize_map(ArgumentsVisitor(parameters))
                .map_err(|error| Error::tool(without_position(&error)))?,
            Some(_) => return Err(Error::invalid_params("Invalid params: `arguments` must be an object")),
        };
        Ok(Self { given, parameters })
    }

    pub(crate) fn none() -> Self {
        Self { given: Vec::new(), parameters: &[] }
    }

    pub(crate) fn take<T: DeserializeOwned>(
        &mut self,
        name: &'static str,
        default: Option<fn() -> T>,
    ) -> Result<T, Error> {
        let Some((_, raw)) = self.given.iter().find(|(given, _)| given == name) else {
            return match default {
                Some(default) => Ok(default()),
                None => T::deserialize(Missing).map_err(|_| Error::tool(format!("Argument `{name}` is missing"))),
            };
        };
        let value = serde_json::from_str(raw.get())
            .map_err(|error| Error::tool(format!("Argument `{name}`: {}", without_position(&error))))?;
        if let Some(parameter) = self.parameters.iter().find(|prepared| prepared.parameter.name == name) {
            parameter.check(raw).map_err(|why| Error::tool(format!("Argument `{name}`: {why}")))?;
        }
        Ok(value)
    }
}

fn unknown(name: &str, parameters: &[PreparedParameter]) -> String {
    let names: Vec<_> = parameters.iter().map(|prepared| prepared.parameter.name).collect();
    let name: String = name.chars().take(64).collect();
    match (mcp_core::closest(&name, names.iter().copied()), names.is_empty()) {
        (Some(meant), _) => format!("Unknown argument `{name}`; did you mean `{meant}`?"),
        (None, true) => format!("Unknown argument `{name}`; this tool takes no arguments"),
        (None, false) => format!("Unknown argument `{name}`; the arguments are: {}", names.join(", ")),
    }
}

fn check_range(json: &str, minimum: Bound, maximum: Bound) -> Result<(), String> {
    let below = |bound: Bound| match bound {
        Bound::None => false,
        Bound::Integer(bound) | Bound::BelowInteger(bound) => is_below(json, &bound.to_string()),
        Bound::Float(bound) | Bound::BelowFloat(bound) => is_below(json, &bound.to_string()),
    };
    let above = |bound: Bound| match bound {
        Bound::None => false,
        Bound::Integer(bound) => is_below(&bound.to_string(), json),
        Bound::Float(bound) => is_below(&bound.to_string(), json),
        Bound::BelowInteger(bound) => !is_below(json, &bound.to_string()),
        Bound::BelowFloat(bound) => !is_below(json, &bound.to_string()),
    };
    if below(minimum) || above(maximum) {
        return Err(format!("must be {}, not {json}", describe_range(minimum, maximum)));
    }
    Ok(())
}

/// Compares two JSON numbers, exactly where both are integers.
fn is_below(a: &str, b: &str) -> bool {
    match (a.parse::<i128>(), b.parse::<i128>()) {
        (Ok(a), Ok(b)) => a < b,
        _ => matches!((a.parse::<f64>(), b.parse::<f64>()), (Ok(a), Ok(b)) if a < b),
    }
}

fn describe_range(minimum: Bound, maximum: Bound) -> String {
    let at_least = match minimum {
        Bound::None => String::new(),
        Bound::Integer(bound) | Bound::BelowInteger(bound) => format!("at least {bound}"),
        Bound::Float(bound) | Bound::BelowFloat(bound) => format!("at least {bound}"),
    };
    let at_most = match maximum {
        Bound::None => String::new(),
        Bound::Integer(bound) => format!("at most {bound}"),
        Bound::Float(bound) => format!("at most {bound}"),
        Bound::BelowInteger(bound) => format!("less than {bound}"),
        Bound::BelowFloat(bound) => format!("less than {bound}"),
    };
    join(&at_least, &at_most)
}

fn check_length(json: &str, length: Length) -> Result<(), String> {
    let actual = if json.starts_with('"') {
        serde_json::from_str::<Cow<'_, str>>(json).map(|text| text.chars().count())
    } else {
        serde_json::from_str::<Count>(json).map(|Count(items)| items)
    };
    // What has no length was already refused as a value of the type.
    let Ok(actual) = actual else { return Ok(()) };
    if length.minimum.is_some_and(|minimum| actual < minimum) || length.maximum.is_some_and(|maximum| actual > maximum)
    {
        let bound = |word: &str, bound: Option<usize>| bound.map(|n| format!("{word} {n}")).unwrap_or_default();
        let range = join(&bound("at least", length.minimum), &bound("at most", length.maximum));
        return Err(format!("must have {range} {}, not {actual}", length.unit));
    }
    Ok(())
}

fn join(at_least: &str, at_most: &str) -> String {
    let and = if at_least.is_empty() || at_most.is_empty() { "" } else { " and " };
    format!("{at_least}{and}{at_most}")
}

/// How many entries an array or an object has.
struct Count(usize);

impl<'de> serde::Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Counter;

        impl<'de> Visitor<'de> for Counter {
            type Value = Count;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array or an object")
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut items: A) -> Result<Count, A::Error> {
                let mut count = 0;
                while items.next_element::<serde::de::IgnoredAny>()?.is_some() {
                    count += 1;
                }
                Ok(Count(count))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Count, A::Error> {
                let mut count = 0;
                while entries.next_entry::<serde::de::IgnoredAny, serde::de::IgnoredAny>()?.is_some() {
                    count += 1;
                }
                Ok(Count(count))
            }
        }

        deserializer.deserialize_any(Counter)
    }
}

/// Stops at the first name that is no parameter, so that no more names are compared than there are parameters.
struct ArgumentsVisitor<'p>(&'p [PreparedParameter]);

impl<'de> Visitor<'de> for ArgumentsVisitor<'_> {
    type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut given: Self::Value = Vec::new();
        while let Some(Name(name)) = entries.next_key()? {
            if self.0.iter().all(|prepared| prepared.parameter.name != name) {
                return Err(serde::de::Error::custom(unknown(&name, self.0)));
            }
            if given.iter().any(|(other, _)| *other == name) {
                return Err(serde::de::Error::custom(format_args!("Argument `{name}` is given twice")));
            }
            given.push((name, entries.next_value()?));
        }
        Ok(given)
    }
}

/// A key, borrowed where it has no escapes; a plain `Cow` would always copy.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// Nothing, as a value to read from: only what may be absent can be read.
struct Missing;

impl<'de> Deserializer<'de> for Missing {
    type Error = serde::de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(serde::de::Error::custom("missing"))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_none()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take<T: DeserializeOwned>(parameter: Parameter, json: &str) -> Result<T, String> {
        let parameter: &'static Parameter = Box::leak(Box::new(parameter));
        let prepared = [PreparedParameter::new(parameter)];
        let raw: Box<RawValue> = serde_json::from_str(json).expect("JSON");
        Arguments::parse(Some(&raw), &prepared)
            .and_then(|mut arguments| arguments.take(parameter.name, None))
            .map_err(|error| error.message().to_owned())
    }

    #[test]
    fn reads_what_the_type_reads() {
        assert_eq!(take::<u8>(Parameter::new::<u8>("n"), r#"{"n":7}"#), Ok(7));
        assert_eq!(take::<Option<u8>>(Parameter::new::<Option<u8>>("n"), "{}"), Ok(None));
        assert_eq!(take::<Option<u8>>(Parameter::new::<Option<u8>>("n"), r#"{"n":null}"#), Ok(None));
        assert_eq!(take::<String>(Parameter::new::<String>("n"), r#"{"\u006e":"x\ny"}"#), Ok("x\ny".to_owned()));
    }

    #[test]
    fn says_which_argument_and_why() {
        let string = || Parameter::new::<String>("text");
        let cases = [
            ("{}", "Argument `text` is missing"),
            (r#"{"text":7}"#, "Argument `text`: invalid type: integer `7`, expected a string"),
            (r#"{"text":"a","text":"b"}"#, "Argument `text` is given twice"),
            (r#"{"txt":"a"}"#, "Unknown argument `txt`; did you mean `text`?"),
            (r#"{"copies":1}"#, "Unknown argument `copies`; the arguments are: text"),
            ("[1]", "Invalid params: `arguments` must be an object"),
        ];
        for (json, message) in cases {
            assert_eq!(take::<String>(string(), json), Err(message.to_owned()), "{json}");
        }
    }

    #[test]
    fn ranges_are_enforced() {
        let within = |minimum, maximum, json: &str| {
            take::<f64>(Parameter::new::<f64>("n").range(f64::NUMBER, minimum, maximum), json).map(|_| ())
        };
        let (one, five) = (Bound::Integer(1), Bound::Integer(5));
        assert_eq!(within(one, five, r#"{"n":1}"#), Ok(()));
        assert_eq!(within(one, five, r#"{"n":5}"#), Ok(()));
        assert_eq!(
            within(one, five, r#"{"n":6}"#),
            Err("Argument `n`: must be at least 1 and at most 5, not 6".to_owned())
        );
        assert_eq!(
            within(Bound::Float(0.5), Bound::None, r#"{"n":0.25}"#),
            Err("Argument `n`: must be at least 0.5, not 0.25".to_owned())
        );
        assert_eq!(
            within(Bound::None, Bound::BelowFloat(1.5), r#"{"n":1.5}"#),
            Err("Argument `n`: must be less than 1.5, not 1.5".to_owned())
        );
        let huge = Parameter::new::<u64>("n").range(u64::NUMBER, Bound::None, Bound::BelowInteger(u64::MAX.into()));
        assert_eq!(
            take::<u64>(huge, r#"{"n":18446744073709551615}"#),
            Err("Argument `n`: must be less than 18446744073709551615, not 18446744073709551615".to_owned())
        );
    }

    #[test]
    fn lengths_are_counted_in_characters_items_and_entries() {
        let text = || Parameter::new::<String>("s").length(<String>::MEASURE, Some(1), Some(3));
        assert_eq!(take::<String>(text(), r#"{"s":"äöü"}"#), Ok("äöü".to_owned()));
        assert_eq!(
            take::<String>(text(), r#"{"s":""}"#),
            Err("Argument `s`: must have at least 1 and at most 3 characters, not 0".to_owned())
        );
        let list = Parameter::new::<Vec<u8>>("s").length(<Vec<u8>>::MEASURE, None, Some(1));
        assert_eq!(
            take::<Vec<u8>>(list, r#"{"s":[1,2]}"#),
            Err("Argument `s`: must have at most 1 items, not 2".to_owned())
        );
        type Map = BTreeMap<String, u8>;
        let map = Parameter::new::<Map>("s").length(<Map>::MEASURE, Some(1), None);
        assert_eq!(
            take::<Map>(map, r#"{"s":{}}"#),
            Err("Argument `s`: must have at least 1 entries, not 0".to_owned())
        );
    }

    #[test]
    fn patterns_are_enforced_and_null_is_left_alone() {
        type Text = Option<String>;
        let parameter = || Parameter::new::<Text>("s").pattern(Text::TEXT, "^[a-z]+$");
        assert_eq!(take::<Text>(parameter(), r#"{"s":"abc"}"#), Ok(Some("abc".to_owned())));
        assert_eq!(take::<Text>(parameter(), r#"{"s":null}"#), Ok(None));
        assert_eq!(
            take::<Text>(parameter(), r#"{"s":"ABC"}"#),
            Err("Argument `s`: must match the pattern `^[a-z]+$`".to_owned())
        );
    }
}
