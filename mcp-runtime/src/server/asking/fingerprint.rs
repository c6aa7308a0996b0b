//! The fingerprint of a request, and digests of questions.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use ring::digest::{Context, SHA256};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use crate::auth::{AccessToken, Principal};
use crate::json::read::Text;
use crate::protocol::message::Request;
use crate::protocol::response::push;

/// The caller and the content of a request, by which a repeated request is recognized.
///
/// It is parsed on demand, because most requests never ask.
#[derive(Clone)]
pub(crate) struct RequestFingerprint {
    pub(super) token: Option<AccessToken>,
    pub(super) message: Bytes,
}

impl RequestFingerprint {
    pub(crate) fn of(token: Option<AccessToken>, request: &Request<'_>) -> Self {
        Self { token, message: request.message.clone() }
    }

    pub(crate) fn message(&self) -> &Bytes {
        &self.message
    }

    pub(crate) fn token(&self) -> Option<&AccessToken> {
        self.token.as_ref()
    }

    /// Returns the principal of the caller.
    fn principal(&self) -> Principal {
        Principal::of(self.token.as_ref())
    }

    /// Returns a digest of the principal, the method, the target and the arguments.
    pub(super) fn digest(&self) -> String {
        let mut digest = Digest(Context::new(&SHA256));
        digest.add(self.principal().as_str());
        let text = str::from_utf8(&self.message).ok();
        let Some(request) = text.and_then(|text| serde_json::from_str::<FingerprintRequest<'_>>(text).ok()) else {
            digest.add(&self.message);
            return digest.finish();
        };
        digest.add(request.method.0.as_bytes());
        for target in [request.params.name, request.params.uri] {
            digest.add(target.map_or(Cow::default(), |Text(text)| text).as_bytes());
        }
        digest.add(canonical(request.params.arguments.map_or("{}", RawValue::get)));
        digest.finish()
    }
}

/// The members of a request that its fingerprint covers.
#[derive(Deserialize)]
struct FingerprintRequest<'a> {
    #[serde(borrow)]
    method: Text<'a>,
    #[serde(borrow)]
    params: FingerprintParams<'a>,
}

#[derive(Deserialize)]
struct FingerprintParams<'a> {
    #[serde(borrow)]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    uri: Option<Text<'a>>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
}

/// A digest of several parts, each with its length, so that no other parts have the same digest.
pub(super) struct Digest(Context);

impl Digest {
    pub(super) fn of(parts: &[&[u8]]) -> String {
        let mut digest = Self(Context::new(&SHA256));
        parts.iter().for_each(|part| digest.add(part));
        digest.finish()
    }

    fn add(&mut self, part: impl AsRef<[u8]>) {
        let part = part.as_ref();
        self.0.update(&(part.len() as u64).to_be_bytes());
        self.0.update(part);
    }

    fn finish(self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.finish())
    }
}

/// Returns a digest of a question, which connects an answer to its exact question.
pub(super) fn digest_of_question(method: &str, params: &RawValue) -> String {
    Digest::of(&[method.as_bytes(), &canonical(params.get())])
}

/// Returns JSON in a canonical form, or unchanged if it is nested too deep.
fn canonical(json: &str) -> Vec<u8> {
    serde_json::from_str(json).map_or_else(|_| json.as_bytes().to_vec(), |Canonical(json)| json)
}

/// A JSON value in one order of members and one spelling of texts.
///
/// A client may serialize the same request differently when it repeats the request.
struct Canonical(Vec<u8>);

impl<'de> Deserialize<'de> for Canonical {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CanonicalVisitor)
    }
}

struct CanonicalVisitor;

impl CanonicalVisitor {
    fn scalar<E>(value: impl Serialize) -> Result<Canonical, E> {
        let mut json = Vec::new();
        push(&mut json, &value);
        Ok(Canonical(json))
    }
}

impl<'de> Visitor<'de> for CanonicalVisitor {
    type Value = Canonical;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Canonical, E> {
        Self::scalar(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<Canonical, E> {
        Self::scalar(value)
    }

    fn visit_i64<E>(self, value: i64) -> Result<Canonical, E> {
        Self::scalar(value)
    }

    fn visit_u64<E>(self, value: u64) -> Result<Canonical, E> {
        Self::scalar(value)
    }

    fn visit_f64<E>(self, value: f64) -> Result<Canonical, E> {
        Self::scalar(value)
    }

    fn visit_str<E>(self, value: &str) -> Result<Canonical, E> {
        Self::scalar(value)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Canonical, A::Error> {
        let mut json = vec![b'['];
        while let Some(Canonical(value)) = values.next_element()? {
            json.extend_from_slice(&value);
            json.push(b',');
        }
        json.push(b']');
        Ok(Canonical(json))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Canonical, A::Error> {
        let mut members = Vec::new();
        while let Some((name, Canonical(value))) = entries.next_entry::<String, _>()? {
            members.push((name, value));
        }
        // The sort is stable: duplicate members keep their order.
        members.sort_by(|(name, _), (other, _)| name.cmp(other));
        let mut json = vec![b'{'];
        for (name, value) in members {
            push(&mut json, &name);
            json.push(b':');
            json.extend_from_slice(&value);
            json.push(b',');
        }
        json.push(b'}');
        Ok(Canonical(json))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_the_same_however_it_is_written() {
        let canonical = |json: &str| {
            let Canonical(json) = serde_json::from_str(json).expect("JSON");
            String::from_utf8(json).expect("UTF-8")
        };
        let value = r#"{"a":[1,-2,2.5,null,true,{"c":"é\n","b":{}},[]],"b":""}"#;
        let rewritten = r#" {"b" : "", "\u0061": [1, -2, 25e-1, null, true, {"b": {}, "c": "\u00e9\u000a"}, [ ] ]}"#;
        assert_eq!(canonical(value), canonical(rewritten));
        for other in [
            "[]",
            "[[]]",
            "[1]",
            "[\"1\"]",
            "[1.0]",
            "[1,1]",
            "{}",
            "[{}]",
            "null",
            "[null]",
            "{\"a\":1,\"a\":2}",
            "{\"a\":2,\"a\":1}",
        ] {
            assert_ne!(canonical(value), canonical(other), "{other}");
        }
        assert_ne!(canonical("{\"a\":1,\"a\":2}"), canonical("{\"a\":2,\"a\":1}"));
        let arguments = format!("{}{}", "[".repeat(500), "]".repeat(500));
        let message = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"pay","arguments":{arguments}}}}}"#
        );
        let deep = RequestFingerprint { token: None, message: message.into() };
        assert_eq!(deep.digest(), deep.digest());
    }
}
