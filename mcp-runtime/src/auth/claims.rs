//! The claims that JWTs and introspection share (RFC 7519 §4.1, RFC 7662 §2.2).
//!
//! A member of a wrong type is refused, not ignored, because its issuer meant something by it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mcp_core::Resource;
use serde_json::{Map, Value};

use super::TokenError;

/// The default limit of how far an issuer's clock may be ahead.
pub(super) const LEEWAY: Duration = Duration::from_secs(60);

/// The last plausible date: the end of 9999, in seconds since 1970.
const LAST_DATE: f64 = 253_402_300_799.0;

/// Reads an optional text.
pub(super) fn read_text<'a>(claims: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, TokenError> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(value) => Err(wrong_type(name, value)),
    }
}

/// Reads an optional text or list of texts.
pub(super) fn read_texts(claims: &Map<String, Value>, name: &str) -> Result<Option<Vec<String>>, TokenError> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(vec![text.clone()])),
        Some(Value::Array(items)) => {
            let texts: Option<Vec<String>> = items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
            texts.map(Some).ok_or_else(|| TokenError::invalid(format!("its `{name}` has an item that is no text")))
        }
        Some(value) => Err(wrong_type(name, value)),
    }
}

/// Reads an optional `NumericDate`: seconds since 1970, perhaps with a fraction (RFC 7519 §2).
pub(super) fn read_date(claims: &Map<String, Value>, name: &str) -> Result<Option<SystemTime>, TokenError> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let Value::Number(number) = value else { return Err(wrong_type(name, value)) };
    match number.as_f64() {
        Some(seconds) if (0.0..=LAST_DATE).contains(&seconds) => {
            Ok(Some(UNIX_EPOCH + Duration::from_secs_f64(seconds)))
        }
        _ => Err(TokenError::invalid(format!("its `{name}` is not a date"))),
    }
}

/// Returns the audience of a token, which must contain `resource`.
///
/// In the audience, the resource may also have another name: one of `aliases`, or that of an origin with a slash.
pub(super) fn audience_with(
    resource: &str,
    aliases: &[String],
    mut audience: Vec<String>,
) -> Result<Vec<String>, TokenError> {
    if let Some(alias) = audience.iter_mut().find(|name| aliases.contains(name) || Resource::is_named(resource, name)) {
        resource.clone_into(alias);
    }
    if audience.iter().any(|name| name == resource) { Ok(audience) } else { Err(TokenError::WrongAudience) }
}

/// Returns the refusal of a token whose issuer is none of these.
///
/// It does not quote the token, which anyone can write.
pub(super) fn foreign_issuer<'a>(known: impl Iterator<Item = &'a str>) -> TokenError {
    let known: Vec<&str> = known.collect();
    TokenError::invalid(format!("its issuer is not, to the letter, one of this server's: `{}`", known.join("`, `")))
}

/// Returns `true` if a date is in the future by more than the leeway.
pub(super) fn is_ahead(date: SystemTime, now: SystemTime, leeway: Duration) -> bool {
    date.duration_since(now).is_ok_and(|ahead| ahead > leeway)
}

/// Returns the refusal of a claim of a wrong type.
///
/// `name` is one that the verifier reads, so that nothing of the token is quoted.
pub(super) fn wrong_type(name: &str, value: &Value) -> TokenError {
    TokenError::invalid(match value {
        Value::Null => format!("its `{name}` is `null`; a claim that says nothing has to be left out"),
        Value::Bool(_) => format!("its `{name}` has a wrong type: it is true or false"),
        Value::Number(_) => format!("its `{name}` has a wrong type: it is a number"),
        Value::String(_) => format!("its `{name}` has a wrong type: it is a text"),
        Value::Array(_) => format!("its `{name}` has a wrong type: it is a list"),
        Value::Object(_) => format!("its `{name}` has a wrong type: it is an object"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn claims(value: Value) -> Map<String, Value> {
        Map::from_iter([("x".to_owned(), value)])
    }

    #[test]
    fn dates_are_numbers_of_this_age() {
        let at = |seconds| Some(UNIX_EPOCH + Duration::from_millis(seconds));
        for (value, expected) in [
            (json!(0), at(0)),
            (json!(1.5), at(1500)),
            (json!(1_700_000_000_u64), at(1_700_000_000_000)),
            (json!(253_402_300_799_u64), at(253_402_300_799_000)),
            (json!(253_402_300_800_u64), None),
            (json!(u64::MAX), None),
            (json!(1e300), None),
            (json!(-1), None),
            (json!("1700000000"), None),
            (json!(true), None),
            (json!(null), None),
            (json!([1_700_000_000]), None),
        ] {
            assert_eq!(read_date(&claims(value.clone()), "x").ok().flatten(), expected, "{value}");
        }
        assert_eq!(read_date(&Map::new(), "x"), Ok(None));
    }
}
