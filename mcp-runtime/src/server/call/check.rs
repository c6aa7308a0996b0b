//! The check of values against the constraints of their parameter.
//!
//! Values are checked as JSON, as the schema describes them, so that the two agree for every type.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::json::number::is_below;
use crate::server::declare::constraint::{Constraints, Length, Matcher, Pattern, Range};

/// The check of a parameter, with its pattern compiled once, when the server is built.
pub(crate) struct Check {
    constraints: Constraints,
    matcher: Option<Matcher>,
}

impl Check {
    pub(crate) fn new(constraints: Constraints) -> Self {
        Self { constraints, matcher: constraints.pattern.map(Pattern::compile) }
    }

    /// Checks a value. `null` is always valid.
    pub(crate) fn value(&self, raw: &RawValue) -> Result<(), String> {
        let json = raw.get();
        if json == "null" {
            return Ok(());
        }
        if let Some(range) = self.constraints.range {
            check_range(json, range)?;
        }
        if let Some(length) = self.constraints.length {
            check_length(json, length)?;
        }
        if let (Some(pattern), Some(matches)) = (self.constraints.pattern, &self.matcher)
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

fn check_length(json: &str, length: Length) -> Result<(), String> {
    let actual = if json.starts_with('"') {
        serde_json::from_str::<Cow<'_, str>>(json).map(|text| text.chars().count())
    } else {
        serde_json::from_str::<Count>(json).map(|Count(items)| items)
    };
    // A value without a length is not one of the type, which has refused it.
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
        let unit = counted(length.maximum.or(length.minimum), length.unit);
        return Err(format!("must have {range} {unit}, not {actual}"));
    }
    Ok(())
}

/// Returns the unit, in the plural except for one.
pub(in crate::server) fn counted(number: Option<usize>, units: &str) -> &str {
    match units {
        "characters" if number == Some(1) => "character",
        "items" if number == Some(1) => "item",
        "entries" if number == Some(1) => "entry",
        _ => units,
    }
}

/// Joins the words for the ends of a range.
pub(in crate::server) fn join(at_least: Option<String>, at_most: Option<String>) -> String {
    at_least.into_iter().chain(at_most).collect::<Vec<_>>().join(" and ")
}

/// The number of entries of an array or an object.
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
    use std::collections::BTreeMap;

    use super::*;
    use crate::server::{Measured as _, Ranged as _};

    fn check(constraints: Constraints, json: &str) -> Result<(), String> {
        let raw: Box<RawValue> = serde_json::from_str(json).expect("JSON");
        Check::new(constraints).value(&raw)
    }

    fn check_range(range: Range, json: &str) -> Result<(), String> {
        check(Constraints { range: Some(range), ..Constraints::NONE }, json)
    }

    fn check_length(length: Length, json: &str) -> Result<(), String> {
        check(Constraints { length: Some(length), ..Constraints::NONE }, json)
    }

    #[test]
    fn a_range_has_one_end_or_two() {
        let within = |json| check_range(f64::RANGE.min("1").max("5"), json);
        assert_eq!(within("1"), Ok(()));
        assert_eq!(within("5.0"), Ok(()));
        assert_eq!(within("6"), Err("must be at least 1 and at most 5, not 6".to_owned()));
        assert_eq!(within("0.99"), Err("must be at least 1 and at most 5, not 0.99".to_owned()));
        let above = |json| check_range(f64::RANGE.min("0.5"), json);
        assert_eq!(above("0.25"), Err("must be at least 0.5, not 0.25".to_owned()));
        let below = |json| check_range(f64::RANGE.below("1.5"), json);
        assert_eq!(below("1.4"), Ok(()));
        assert_eq!(below("1.5"), Err("must be less than 1.5, not 1.5".to_owned()));
    }

    #[test]
    fn integers_are_compared_exactly() {
        assert_eq!(
            check_range(u64::RANGE.below("18446744073709551615"), "18446744073709551615"),
            Err("must be less than 18446744073709551615, not 18446744073709551615".to_owned())
        );
    }

    #[test]
    fn lengths_are_counted_in_characters_items_and_entries() {
        let text = |json| check_length(String::LENGTH.min(1).max(3), json);
        assert_eq!(text(r#""äöü""#), Ok(()));
        assert_eq!(text(r#""""#), Err("must have at least 1 and at most 3 characters, not 0".to_owned()));
        let list = |json| check_length(<Vec<u8>>::LENGTH.max(1), json);
        assert_eq!(list("[1]"), Ok(()));
        assert_eq!(list("[1,2]"), Err("must have at most 1 item, not 2".to_owned()));
        let map = |json| check_length(BTreeMap::<String, u8>::LENGTH.min(1), json);
        assert_eq!(map("{}"), Err("must have at least 1 entry, not 0".to_owned()));
    }

    #[test]
    fn a_pattern_is_found_anywhere_and_null_is_left_alone() {
        let pattern = Some(Pattern::new("^[a-z]+$"));
        let text = |json| check(Constraints { pattern, ..Constraints::NONE }, json);
        assert_eq!(text(r#""abc""#), Ok(()));
        assert_eq!(text("null"), Ok(()));
        assert_eq!(text(r#""ABC""#), Err("must match the pattern `^[a-z]+$`".to_owned()));
    }
}
