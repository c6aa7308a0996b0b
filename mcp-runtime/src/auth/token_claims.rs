//! The claims of a verified token, kept as text.

use std::collections::BTreeMap;

use mcp_core::json_string;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

#[cfg(feature = "fetch")]
use crate::json::strict::parse_object;

/// The claims of a token, as the text of a JSON object.
///
/// Parsed, they would take several times as much memory in a cache of tokens. Most handlers read none.
#[derive(Clone, Default)]
pub(super) struct TokenClaims(
    /// Absent for a token without claims.
    Option<Box<str>>,
);

impl TokenClaims {
    /// Parses claims strictly, and returns their members beside them.
    #[cfg(feature = "fetch")]
    pub(super) fn parse(text: Vec<u8>) -> Result<(Self, Map<String, Value>), &'static str> {
        let members = parse_object(&text)?;
        let text = String::from_utf8(text).map_err(|_| "it is not UTF-8")?;
        Ok((Self(Some(text.into())), members))
    }

    pub(super) fn of(members: Map<String, Value>) -> Self {
        Self::written(&members.into_iter().map(|(name, value)| (name, value.to_string())).collect())
    }

    /// Adds or replaces a claim. The others keep their texts.
    pub(super) fn insert(&mut self, name: String, value: &Value) {
        let mut members: BTreeMap<String, String> =
            self.members().into_iter().map(|(name, value)| (name, value.get().to_owned())).collect();
        members.insert(name, value.to_string());
        *self = Self::written(&members);
    }

    /// Writes members whose values are JSON.
    fn written(members: &BTreeMap<String, String>) -> Self {
        let members: Vec<String> =
            members.iter().map(|(name, value)| format!("{}:{value}", json_string(name))).collect();
        Self(Some(format!("{{{}}}", members.join(",")).into()))
    }

    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.text())
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.members().into_keys().collect()
    }

    /// Returns the size of the text in memory.
    #[cfg(feature = "http")]
    pub(super) fn bytes(&self) -> usize {
        self.text().len()
    }

    fn text(&self) -> &str {
        self.0.as_deref().unwrap_or("{}")
    }

    /// Returns the values by name, unparsed. No text is refused, because the constructors write or check each.
    fn members(&self) -> BTreeMap<String, &RawValue> {
        serde_json::from_str(self.text()).unwrap_or_default()
    }
}

/// Claims are equal if their values are, however they were written.
impl PartialEq for TokenClaims {
    fn eq(&self, other: &Self) -> bool {
        let parsed = |claims: &Self| claims.read::<Map<String, Value>>().ok();
        self.text() == other.text() || parsed(self).is_some_and(|members| Some(members) == parsed(other))
    }
}

#[cfg(all(test, feature = "fetch"))]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::auth::AccessToken;

    #[test]
    fn claims_keep_their_texts() {
        let text = br#" {"big": 12345678901234567890123, "a\"b":{"x" : [1.50]} } "#;
        let (mut claims, members) = TokenClaims::parse(text.to_vec()).expect("an object");
        assert_eq!(members.len(), 2);
        assert_eq!(claims.names(), ["a\"b", "big"]);
        claims.insert("new".to_owned(), &Value::from("text"));
        assert_eq!(claims.text(), r#"{"a\"b":{"x" : [1.50]},"big":12345678901234567890123,"new":"text"}"#);
        assert!(TokenClaims::parse(br#"{"a":1,"a":2}"#.to_vec()).is_err());
    }

    #[test]
    fn claims_are_equal_by_their_values() {
        let parsed = |text: &str| TokenClaims::parse(text.into()).expect("an object").0;
        assert!(parsed(r#"{"a":1,"b":"\u0061"}"#) == parsed(r#"{ "b":"a", "a":1 }"#));
        assert!(parsed(r#"{"a":1}"#) != parsed(r#"{"a":2}"#));
        assert!(parsed("{}") == TokenClaims::default());
    }

    #[test]
    fn claims_are_set_one_by_one_or_at_once_and_read_into_a_type() {
        let Value::Object(map) = json!({"a": 1, "b": 2}) else { panic!("an object") };
        let token = AccessToken::ours("alice").with_claim("c", 3).with_claims(map).with_claim("b", 4);
        let claims: BTreeMap<String, u8> = token.claims().expect("small numbers");
        assert_eq!(claims, BTreeMap::from([("a".to_owned(), 1), ("b".to_owned(), 4)]));
        assert!(token.with_claim("d", "text").claims::<BTreeMap<String, u8>>().is_err());
    }
}
