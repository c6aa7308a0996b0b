//! Numbers as JSON writes them, without a loss of digits.

use std::borrow::Cow;

use serde_json::value::RawValue;

/// Limits the digits of an integer with an exponent. No type has as many.
const MAX_DIGITS: usize = 40;

/// Returns `true` if the text is a JSON number.
pub(crate) fn is_number(text: &str) -> bool {
    text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) && serde_json::from_str::<&RawValue>(text).is_ok()
}

/// Returns `true` if `a` is less than `b`. Integers are compared exactly.
pub(crate) fn is_below(a: &str, b: &str) -> bool {
    match (a.parse::<i128>(), b.parse::<i128>()) {
        (Ok(a), Ok(b)) => a < b,
        _ => matches!((a.parse::<f64>(), b.parse::<f64>()), (Ok(a), Ok(b)) if a < b),
    }
}

/// Returns the integer with the value of a number (JSON Schema 2020-12 validation, §6.1.1).
///
/// An integer may have a fraction of zeros, or an exponent.
pub(crate) fn whole(number: &str) -> Option<Cow<'_, str>> {
    let (sign, unsigned) = match number.strip_prefix('-') {
        Some(unsigned) => ("-", unsigned),
        None => ("", number),
    };
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if before.is_empty() || !before.bytes().chain(after.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if mantissa.len() == unsigned.len() && after.is_empty() && number != "-0" {
        return Some(Cow::Borrowed(number));
    }
    let digits = format!("{before}{after}");
    let digits = digits.trim_end_matches('0');
    if digits.trim_start_matches('0').is_empty() {
        return Some(Cow::Owned("0".to_owned()));
    }
    let point =
        exponent.parse::<i64>().ok().and_then(|exponent| exponent.checked_add(before.len().try_into().ok()?))?;
    let point = usize::try_from(point).ok().filter(|point| *point >= digits.len())?;
    let integer = digits.trim_start_matches('0');
    let zeros = point - digits.len();
    (integer.len() + zeros <= MAX_DIGITS).then(|| Cow::Owned(format!("{sign}{integer}{}", "0".repeat(zeros))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_is_an_integer_however_it_is_written() {
        for (number, expected) in [
            ("5", Some("5")),
            ("5.0", Some("5")),
            ("-5.000", Some("-5")),
            ("1e3", Some("1000")),
            ("1.5E+1", Some("15")),
            ("1200e-2", Some("12")),
            ("-0", Some("0")),
            ("-7", Some("-7")),
            ("-0.0", Some("0")),
            ("0e99999999999999999999", Some("0")),
            ("9007199254740993.0", Some("9007199254740993")),
            ("5.5", None),
            ("1e-1", None),
            ("1e40", None),
            ("1e99999999999999999999", None),
            ("-1e9223372036854775807", None),
            ("null", None),
        ] {
            assert_eq!(whole(number).as_deref(), expected, "{number}");
        }
    }
}
