//! `requestState`: what a request has learnt so far, kept by the client until it tries again (MCP 2026-07-28, "Multi
//! Round-Trip Requests").

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use ring::digest::{Context, SHA256};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::used_states::{Ticket, UsedStates};
use crate::auth::{AccessToken, Principal};
use crate::json::read::Text;
use crate::limits::StateLimits;
use crate::protocol::error::Error;
use crate::protocol::message::Request;
use crate::protocol::response::push;
use crate::seal::StateKeys;

/// What states are sealed for.
const PURPOSE: &str = "requestState";

/// How states are kept.
pub(crate) struct StateRules {
    pub(crate) keys: StateKeys,
    /// The limits, of which that of the bytes bounds the number of rounds, because each adds to the state.
    pub(crate) limits: StateLimits,
    /// Which of them were used, where that matters.
    pub(crate) used: Arc<UsedStates>,
}

impl Default for StateRules {
    fn default() -> Self {
        let limits = StateLimits::default();
        Self { keys: StateKeys::random(), used: Arc::new(UsedStates::new(limits.used, SystemTime::now())), limits }
    }
}

/// The answers of the client by the key of their question, as it gave them.
pub(crate) type Answers = HashMap<String, Box<RawValue>>;

/// The answers that a request has so far, and its open questions.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Learnt {
    /// By the key of their question.
    pub(super) answers: HashMap<String, Answer>,
    /// The digests of the questions that the client was asked last, by their key.
    pub(super) open: HashMap<String, String>,
}

/// An answer of the client.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Answer {
    /// The digest of the question. Another one by the same key has no answer yet.
    pub(super) question: String,
    /// The answer as the client gave it.
    pub(super) answer: Box<RawValue>,
}

#[derive(Serialize, Deserialize)]
struct State<'a, L> {
    /// In milliseconds since 1970.
    sealed: u64,
    /// The digest of who asked for what.
    #[serde(borrow)]
    origin: Cow<'a, str>,
    learnt: L,
}

impl StateRules {
    /// Replaces the limits, and begins a new record of used states.
    pub(crate) fn set_limits(&mut self, limits: StateLimits) {
        self.used = Arc::new(UsedStates::new(limits.used, SystemTime::now()));
        self.limits = limits;
    }

    /// Makes a state of what is known so far, which is good for this caller and this request only.
    pub(super) fn seal(&self, origin: &Origin, learnt: &Learnt, now: SystemTime) -> Result<String, Error> {
        let state = State { sealed: millis(now), origin: origin.digest().into(), learnt };
        let content = serde_json::to_string(&state).map_err(|_| Error::internal("The server can't write its state"))?;
        let text = self.keys.seal(PURPOSE, &content)?;
        if text.len() > self.limits.bytes {
            let message = format!("Invalid params: the answers are longer than {} bytes together", self.limits.bytes);
            return Err(Error::invalid_params(message));
        }
        Ok(text)
    }

    /// Opens a state. The error does not say what is wrong, as that would help to forge one.
    pub(super) fn open(&self, text: &str, origin: &Origin, now: SystemTime) -> Result<(Learnt, Ticket), Error> {
        let refused =
            || Error::invalid_params("Invalid params: `requestState` is not valid for this request; start anew");
        if text.len() > self.limits.bytes {
            return Err(refused());
        }
        let content = self.keys.open(PURPOSE, text).ok_or_else(refused)?;
        let State { sealed, origin: of, learnt } = serde_json::from_str(&content).map_err(|_| refused())?;
        let age = Duration::from_millis(millis(now).saturating_sub(sealed));
        if of != origin.digest() || age >= self.limits.lifetime {
            return Err(refused());
        }
        let ticket = Ticket {
            record: Arc::clone(&self.used),
            principal: Principal::of(origin.token.as_ref()),
            // There is one way to write a sealed text, so that this stands for what is in it.
            state: Digest::of(&[text.as_bytes()]),
            sealed,
            lifetime: self.limits.lifetime,
        };
        Ok((learnt, ticket))
    }
}

pub(super) fn millis(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis().try_into().unwrap_or(u64::MAX))
}

/// Who asks for what. Most requests never ask anything, so that it is looked into when one does.
#[derive(Clone)]
pub(crate) struct Origin {
    token: Option<AccessToken>,
    message: Bytes,
}

impl Origin {
    pub(crate) fn of(token: Option<&AccessToken>, request: &Request<'_>) -> Self {
        Self { token: token.cloned(), message: request.message.clone() }
    }

    pub(crate) fn message(&self) -> &Bytes {
        &self.message
    }

    /// All of it.
    fn digest(&self) -> String {
        let mut digest = Digest(Context::new(&SHA256));
        digest.add(Principal::of(self.token.as_ref()).as_str());
        let text = str::from_utf8(&self.message).ok();
        let Some(asked) = text.and_then(|text| serde_json::from_str::<Asked<'_>>(text).ok()) else {
            digest.add(&self.message);
            return digest.finish();
        };
        digest.add(asked.method.0.as_bytes());
        for target in [asked.params.name, asked.params.uri] {
            digest.add(target.map_or(Cow::default(), |Text(text)| text).as_bytes());
        }
        digest.add(canonical(asked.params.arguments.map_or("{}", RawValue::get)));
        digest.finish()
    }
}

/// What of a request makes it the same one when it comes again.
#[derive(Deserialize)]
struct Asked<'a> {
    #[serde(borrow)]
    method: Text<'a>,
    #[serde(borrow)]
    params: AskedParams<'a>,
}

#[derive(Deserialize)]
struct AskedParams<'a> {
    #[serde(borrow)]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    uri: Option<Text<'a>>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
}

/// A digest of several parts, none of which can pass for a piece of another.
struct Digest(Context);

impl Digest {
    fn of(parts: &[&[u8]]) -> String {
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

/// Returns a digest of a question: an answer is one to this question and to no other.
pub(super) fn digest_of_question(method: &str, params: &RawValue) -> String {
    Digest::of(&[method.as_bytes(), &canonical(params.get())])
}

/// Returns JSON in a canonical form. A text nested too deep for that stays as it is written.
fn canonical(json: &str) -> Vec<u8> {
    serde_json::from_str(json).map_or_else(|_| json.as_bytes().to_vec(), |Canonical(json)| json)
}

/// A JSON value, however its members are ordered and its texts are written: a client may write the same request in
/// another way when it makes it again.
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
        // One that is given twice stays where it is.
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

    const NOW: SystemTime = UNIX_EPOCH;

    fn raw(json: &str) -> Box<RawValue> {
        serde_json::from_str(json).expect("JSON")
    }

    fn origin(client: Option<&str>, method: &str, target: &str, arguments: &str) -> Origin {
        origin_of(client, method, &format!(r#""name":"{target}","arguments":{arguments}"#))
    }

    fn origin_of(client: Option<&str>, method: &str, params: &str) -> Origin {
        let message = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{{params}}}}}"#);
        Origin { token: client.map(AccessToken::ours), message: message.into() }
    }

    fn alices() -> Origin {
        origin(Some("alice"), "tools/call", "pay", r#"{"to":"bob","amount":1}"#)
    }

    fn learnt(json: &str) -> Learnt {
        let answer = Answer { question: "Pay?".to_owned(), answer: raw(json) };
        Learnt { answers: HashMap::from([("confirm".to_owned(), answer)]), ..Learnt::default() }
    }

    fn answers() -> Learnt {
        learnt(r#"{"action": "accept"}"#)
    }

    #[test]
    fn answers_come_back_as_they_were() {
        let rules = StateRules::default();
        let text = rules.seal(&alices(), &answers(), NOW).expect("sealed");
        let (opened, _) = rules.open(&text, &alices(), NOW + Duration::from_secs(599)).expect("open");
        assert_eq!(opened.answers["confirm"].answer.get(), r#"{"action": "accept"}"#);
        assert_eq!(opened.answers.len(), 1);
        let rewritten = origin(Some("alice"), "tools/call", "pay", r#" { "amount" : 1, "t\u006f" : "b\u006fb" } "#);
        assert!(rules.open(&text, &rewritten, NOW).is_ok(), "the same request in other words");
    }

    #[test]
    fn a_state_is_good_for_one_caller_one_request_and_some_time_and_nobody_learns_which() {
        let rules = StateRules::default();
        let text = rules.seal(&alices(), &answers(), NOW).expect("sealed");
        let message = |text: &str, origin: &Origin, now| {
            let error = rules.open(text, origin, now).err().expect("refused");
            assert_eq!(error.code(), Some(-32602));
            error.message().to_owned()
        };
        let expected = message(&text, &alices(), NOW + Duration::from_secs(600));
        for other in [
            origin(Some("bob"), "tools/call", "pay", r#"{"to":"bob","amount":1}"#),
            origin(None, "tools/call", "pay", r#"{"to":"bob","amount":1}"#),
            origin(Some("alice"), "prompts/get", "pay", r#"{"to":"bob","amount":1}"#),
            origin(Some("alice"), "tools/call", "refund", r#"{"to":"bob","amount":1}"#),
            origin(Some("alice"), "tools/call", "pay", r#"{"to":"bob","amount":2}"#),
            origin(Some("alice"), "tools/call", "pay", r#"{"to":"bob","amount":"1"}"#),
            origin(Some("alice"), "tools/call", "pay", r#"{"to":["bob"],"amount":1}"#),
            origin(Some("alice"), "tools/call", "pay", "{}"),
            origin_of(Some("alice"), "tools/call", r#""name":"pay","uri":"pay","arguments":{"to":"bob","amount":1}"#),
            origin_of(Some("alice"), "tools/call", r#""uri":"pay","arguments":{"to":"bob","amount":1}"#),
        ] {
            assert_eq!(message(&text, &other, NOW), expected);
        }
        for forged in ["", "e30", &format!("{text}-TAMPERED"), &"A".repeat(256 * 1024 + 1)] {
            assert_eq!(message(forged, &alices(), NOW), expected);
        }
        let elsewhere = StateRules::default().seal(&alices(), &answers(), NOW).expect("sealed");
        assert_eq!(message(&elsewhere, &alices(), NOW), expected);
        let session = rules.keys.seal("session", "{}").expect("sealed");
        assert_eq!(message(&session, &alices(), NOW), expected);
    }

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
        let deep = origin(None, "tools/call", "pay", &format!("{}{}", "[".repeat(500), "]".repeat(500)));
        assert_eq!(deep.digest(), deep.digest());
    }

    #[test]
    fn a_state_has_a_longest_length() {
        let limits = StateLimits { bytes: 200, ..StateLimits::default() };
        let rules = StateRules { limits, ..StateRules::default() };
        let short = rules.seal(&alices(), &Learnt::default(), NOW).expect("short enough");
        assert!(rules.open(&short, &alices(), NOW).is_ok());
        let long = learnt(&format!("\"{}\"", "x".repeat(200)));
        assert_eq!(rules.seal(&alices(), &long, NOW).expect_err("too long").code(), Some(-32602));
    }
}
