//! What `#[arg(range, length, pattern, header)]` adds to a type: which types it fits, and whether a value keeps to it.
//!
//! Values are checked as JSON, which is what the schema speaks of, so that the two agree for every type.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;

use regex_lite::Regex;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::table::{Length, Parameter, Range};

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

/// A type that `#[arg(header = "…")]` can repeat in a header.
#[diagnostic::on_unimplemented(
    message = "`header` is for texts, integers and booleans, and `{Self}` is none of them",
    label = "can't be repeated in a header"
)]
pub trait Mirrored {
    #[doc(hidden)]
    const MIRROR: Mirror = Mirror(());
}

/// What a header repeats.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Mirror(());

macro_rules! mirrored {
    ($($mirrored:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl Mirrored for $mirrored {}
    )*};
}
mirrored!(bool u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize String Box<str> Cow<'_, str>);

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
impl<T: Mirrored> Mirrored for Option<T> {}
#[diagnostic::do_not_recommend]
impl<T: Measured> Measured for Option<T> {
    const MEASURE: Measure = T::MEASURE;
}

/// What a text has to match. It brings along how it is compiled, so that a program without patterns is one without regular
/// expressions: they are 3 % of a small one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pattern {
    pub(crate) source: &'static str,
    compile: fn(&'static str) -> Matcher,
}

/// Whether a text matches.
type Matcher = Box<dyn Fn(&str) -> bool + Send + Sync>;

impl Pattern {
    pub(crate) const fn new(source: &'static str) -> Self {
        Self { source, compile: regular_expression }
    }
}

#[expect(clippy::expect_used, reason = "the macro compiled the same pattern with the same crate")]
fn regular_expression(source: &'static str) -> Matcher {
    let regex = Regex::new(source).expect("a checked pattern");
    Box::new(move |text| regex.is_match(text))
}

/// A parameter with its pattern compiled, once, when the server is built.
pub(crate) struct PreparedParameter {
    pub(crate) parameter: &'static Parameter,
    matcher: Option<Matcher>,
}

impl PreparedParameter {
    pub(crate) fn new(parameter: &'static Parameter) -> Self {
        let matcher = parameter.pattern.map(|pattern| (pattern.compile)(pattern.source));
        Self { parameter, matcher }
    }

    pub(crate) fn is_constrained(&self) -> bool {
        let Parameter { range, length, pattern, .. } = self.parameter;
        range.is_some() || length.is_some() || pattern.is_some()
    }

    /// Checks a value against the constraints, which do not say anything about `null`.
    pub(crate) fn check(&self, raw: &RawValue) -> Result<(), String> {
        let json = raw.get();
        if json == "null" {
            return Ok(());
        }
        if let Some(range) = self.parameter.range {
            check_range(json, range)?;
        }
        if let Some(length) = self.parameter.length {
            check_length(json, length)?;
        }
        if let (Some(pattern), Some(matches)) = (self.parameter.pattern, &self.matcher)
            && serde_json::from_str::<Cow<'_, str>>(json).is_ok_and(|text| !matches(&text))
        {
            return Err(format!("must match the pattern `{}`", pattern.source));
        }
        Ok(())
    }
}

fn check_range(json: &str, range: Range) -> Result<(), String> {
    let below = range.minimum.is_some_and(|minimum| is_below(json, minimum));
    let above = range
        .maximum
        .is_some_and(|maximum| if range.inclusive { is_below(maximum, json) } else { !is_below(json, maximum) });
    if !below && !above {
        return Ok(());
    }
    let at_least = range.minimum.map(|minimum| format!("at least {minimum}"));
    let word = if range.inclusive { "at most" } else { "less than" };
    let at_most = range.maximum.map(|maximum| format!("{word} {maximum}"));
    Err(format!("must be {}, not {json}", join(at_least, at_most)))
}

/// Compares two JSON numbers, exactly where both are integers.
pub(super) fn is_below(a: &str, b: &str) -> bool {
    match (a.parse::<i128>(), b.parse::<i128>()) {
        (Ok(a), Ok(b)) => a < b,
        _ => matches!((a.parse::<f64>(), b.parse::<f64>()), (Ok(a), Ok(b)) if a < b),
    }
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
        let range = match length.minimum {
            Some(only) if length.maximum == Some(only) => format!("exactly {only}"),
            minimum => join(
                minimum.map(|minimum| format!("at least {minimum}")),
                length.maximum.map(|maximum| format!("at most {maximum}")),
            ),
        };
        let unit = counted(length.maximum.or(length.minimum), length.measure.unit);
        return Err(format!("must have {range} {unit}, not {actual}"));
    }
    Ok(())
}

/// The unit, in the plural but for one.
pub(super) fn counted(number: Option<usize>, units: &str) -> &str {
    match units {
        "characters" if number == Some(1) => "character",
        "items" if number == Some(1) => "item",
        "entries" if number == Some(1) => "entry",
        _ => units,
    }
}

pub(super) fn join(at_least: Option<String>, at_most: Option<String>) -> String {
    at_least.into_iter().chain(at_most).collect::<Vec<_>>().join(" and ")
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

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Count, A::Error> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(parameter: Parameter, json: &str) -> Result<(), String> {
        let raw: Box<RawValue> = serde_json::from_str(json).expect("JSON");
        PreparedParameter::new(Box::leak(Box::new(parameter))).check(&raw)
    }

    #[test]
    fn a_range_has_one_end_or_two() {
        let number = || Parameter::new::<f64>("n");
        let within = |json| check(number().range(<f64 as Ranged>::NUMBER, Some("1"), Some("5")), json);
        assert_eq!(within("1"), Ok(()));
        assert_eq!(within("5.0"), Ok(()));
        assert_eq!(within("6"), Err("must be at least 1 and at most 5, not 6".to_owned()));
        assert_eq!(within("0.99"), Err("must be at least 1 and at most 5, not 0.99".to_owned()));
        let above = |json| check(number().range(<f64 as Ranged>::NUMBER, Some("0.5"), None), json);
        assert_eq!(above("0.25"), Err("must be at least 0.5, not 0.25".to_owned()));
        let below = |json| check(number().range_below(<f64 as Ranged>::NUMBER, None, "1.5"), json);
        assert_eq!(below("1.4"), Ok(()));
        assert_eq!(below("1.5"), Err("must be less than 1.5, not 1.5".to_owned()));
    }

    #[test]
    fn integers_are_compared_exactly() {
        let parameter = Parameter::new::<u64>("n").range_below(<u64 as Ranged>::NUMBER, None, "18446744073709551615");
        assert_eq!(
            check(parameter, "18446744073709551615"),
            Err("must be less than 18446744073709551615, not 18446744073709551615".to_owned())
        );
    }

    #[test]
    fn lengths_are_counted_in_characters_items_and_entries() {
        let text = |json| check(Parameter::new::<String>("s").length(String::MEASURE, Some(1), Some(3)), json);
        assert_eq!(text(r#""äöü""#), Ok(()));
        assert_eq!(text(r#""""#), Err("must have at least 1 and at most 3 characters, not 0".to_owned()));
        let list = |json| check(Parameter::new::<Vec<u8>>("s").length(<Vec<u8>>::MEASURE, None, Some(1)), json);
        assert_eq!(list("[1]"), Ok(()));
        assert_eq!(list("[1,2]"), Err("must have at most 1 item, not 2".to_owned()));
        type Map = BTreeMap<String, u8>;
        let map = |json| check(Parameter::new::<Map>("s").length(Map::MEASURE, Some(1), None), json);
        assert_eq!(map("{}"), Err("must have at least 1 entry, not 0".to_owned()));
    }

    #[test]
    fn a_pattern_is_found_anywhere_and_null_is_left_alone() {
        type Text = Option<String>;
        let text = |json| check(Parameter::new::<Text>("s").pattern(Text::TEXT, "^[a-z]+$"), json);
        assert_eq!(text(r#""abc""#), Ok(()));
        assert_eq!(text("null"), Ok(()));
        assert_eq!(text(r#""ABC""#), Err("must match the pattern `^[a-z]+$`".to_owned()));
    }
}
