//! `requestState`: what a request has learnt so far, kept by the client until it tries again (MCP 2026-07-28, "Multi
//! Round-Trip Requests").

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::seal::StateKeys;
use crate::auth::AccessToken;
use crate::protocol::error::Error;

/// What states are sealed for.
const PURPOSE: &str = "requestState";

/// How states are kept.
pub(crate) struct StateRules {
    pub(crate) keys: StateKeys,
    /// How long a client may take to come back.
    pub(crate) lifetime: Duration,
    /// How long a state may be, in bytes. It bounds how many rounds there can be, as each adds to the state.
    pub(crate) max_bytes: usize,
}

impl Default for StateRules {
    fn default() -> Self {
        Self { keys: StateKeys::random(), lifetime: Duration::from_secs(600), max_bytes: 256 * 1024 }
    }
}

/// The answers of the client by the key of their question, as it gave them.
pub(crate) type Answers = BTreeMap<String, Box<RawValue>>;

#[derive(Serialize, Deserialize)]
struct State<'a> {
    /// In seconds since 1970.
    expires: u64,
    /// Who asked for what.
    #[serde(borrow)]
    origin: Cow<'a, str>,
    answers: Cow<'a, Answers>,
}

impl StateRules {
    /// Makes a state of the answers so far, which is good for this caller and this request only.
    pub(crate) fn seal(&self, origin: &Origin, answers: &Answers, now: SystemTime) -> Result<String, Error> {
        let expires = seconds(now).saturating_add(self.lifetime.as_secs());
        let state = State { expires, origin: Cow::Borrowed(&origin.0), answers: Cow::Borrowed(answers) };
        let content = serde_json::to_vec(&state).map_err(|_| Error::internal("The server can't write its state"))?;
        let text = self.keys.seal(PURPOSE, &content)?;
        if text.len() > self.max_bytes {
            let message = format!("Invalid params: the answers are longer than {} bytes together", self.max_bytes);
            return Err(Error::invalid_params(message));
        }
        Ok(text)
    }

    /// The answers in a state. The error does not say what is wrong, as that would help to forge one.
    pub(crate) fn open(&self, text: &str, origin: &Origin, now: SystemTime) -> Result<Answers, Error> {
        let refused =
            || Error::invalid_params("Invalid params: `requestState` is not valid for this request; start anew");
        if text.len() > self.max_bytes {
            return Err(refused());
        }
        let content = self.keys.open(PURPOSE, text).ok_or_else(refused)?;
        let state: State<'_> = serde_json::from_slice(&content).map_err(|_| refused())?;
        if state.origin != origin.0 || state.expires <= seconds(now) {
            return Err(refused());
        }
        Ok(state.answers.into_owned())
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Who asks for what, as a digest.
pub(crate) struct Origin(String);

impl Origin {
    /// `target` is the name or the URI in the request.
    pub(crate) fn of(
        token: Option<&AccessToken>,
        method: &str,
        target: Option<&str>,
        arguments: Option<&RawValue>,
    ) -> Self {
        let mut digest = Digest(Context::new(&SHA256));
        digest.add(principal(token));
        digest.add(method);
        digest.add(target.unwrap_or_default());
        digest.add_json(arguments.map_or("{}", RawValue::get));
        Self(digest.finish())
    }
}

/// Who is calling, as a digest: the issuer, the client and the user of a token.
pub(crate) fn principal(token: Option<&AccessToken>) -> String {
    let mut digest = Digest(Context::new(&SHA256));
    if let Some(token) = token {
        digest.add(&token.client_id);
        for part in [&token.issuer, &token.subject] {
            digest.add(if part.is_some() { "some" } else { "none" });
            digest.add(part.as_deref().unwrap_or_default());
        }
    }
    digest.finish()
}

/// A digest of several parts, none of which can pass for a piece of another.
struct Digest(Context);

impl Digest {
    fn add(&mut self, part: impl AsRef<[u8]>) {
        let part = part.as_ref();
        self.0.update(&(part.len() as u64).to_be_bytes());
        self.0.update(part);
    }

    /// Adds a value, whatever the order of its members and the way its texts are written: a client may write the same
    /// request in another way when it tries again.
    fn add_json(&mut self, json: &str) {
        if let Ok(members) = serde_json::from_str::<BTreeMap<Cow<'_, str>, &RawValue>>(json) {
            self.add("object");
            for (name, value) in members {
                self.add(&*name);
                self.add_json(value.get());
            }
            self.add("end");
        } else if let Ok(values) = serde_json::from_str::<Vec<&RawValue>>(json) {
            self.add("list");
            values.iter().for_each(|value| self.add_json(value.get()));
            self.add("end");
        } else if let Ok(text) = serde_json::from_str::<Cow<'_, str>>(json) {
            self.add("text");
            self.add(&*text);
        } else {
            self.add("other");
            self.add(json);
        }
    }

    fn finish(self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.finish())
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
        let token = client.map(AccessToken::new);
        Origin::of(token.as_ref(), method, Some(target), Some(&raw(arguments)))
    }

    fn alices() -> Origin {
        origin(Some("alice"), "tools/call", "pay", r#"{"to":"bob","amount":1}"#)
    }

    fn answers() -> Answers {
        Answers::from([("confirm".to_owned(), raw(r#"{"action": "accept"}"#))])
    }

    #[test]
    fn answers_come_back_as_they_were() {
        let rules = StateRules::default();
        let text = rules.seal(&alices(), &answers(), NOW).expect("sealed");
        let opened = rules.open(&text, &alices(), NOW + Duration::from_secs(599)).expect("open");
        assert_eq!(opened["confirm"].get(), r#"{"action": "accept"}"#);
        assert_eq!(opened.len(), 1);
        let rewritten = origin(Some("alice"), "tools/call", "pay", r#" { "amount" : 1, "t\u006f" : "b\u006fb" } "#);
        assert!(rules.open(&text, &rewritten, NOW).is_ok(), "the same request in other words");
    }

    #[test]
    fn a_state_is_good_for_one_caller_one_request_and_some_time_and_nobody_learns_which() {
        let rules = StateRules::default();
        let text = rules.seal(&alices(), &answers(), NOW).expect("sealed");
        let message = |text: &str, origin: &Origin, now| {
            let error = rules.open(text, origin, now).expect_err("refused");
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
        ] {
            assert_eq!(message(&text, &other, NOW), expected);
        }
        for forged in ["", "e30", &format!("{text}-TAMPERED"), &"A".repeat(256 * 1024 + 1)] {
            assert_eq!(message(forged, &alices(), NOW), expected);
        }
        let elsewhere = StateRules::default().seal(&alices(), &answers(), NOW).expect("sealed");
        assert_eq!(message(&elsewhere, &alices(), NOW), expected);
        let session = rules.keys.seal("session", b"{}").expect("sealed");
        assert_eq!(message(&session, &alices(), NOW), expected);
    }

    #[test]
    fn a_principal_is_all_of_issuer_client_and_user() {
        let alice = AccessToken::new("app").issuer("https://a.example").subject("alice");
        let same = AccessToken::new("app").issuer("https://a.example").subject("alice").scopes(["more"]);
        assert_eq!(principal(Some(&alice)), principal(Some(&same)));
        for other in [
            AccessToken::new("app2").issuer("https://a.example").subject("alice"),
            AccessToken::new("app").issuer("https://b.example").subject("alice"),
            AccessToken::new("app").issuer("https://a.example").subject("bob"),
            AccessToken::new("app").issuer("https://a.example"),
            AccessToken::new("app").subject("https://a.examplealice"),
            AccessToken::new(""),
        ] {
            assert_ne!(principal(Some(&alice)), principal(Some(&other)), "{other:?}");
        }
        assert_ne!(principal(None), principal(Some(&AccessToken::new(""))));
    }

    #[test]
    fn a_state_has_a_longest_length() {
        let rules = StateRules { max_bytes: 200, ..StateRules::default() };
        let short = rules.seal(&alices(), &Answers::new(), NOW).expect("short enough");
        assert!(rules.open(&short, &alices(), NOW).is_ok());
        let long = Answers::from([("a".to_owned(), raw(&format!("\"{}\"", "x".repeat(200))))]);
        assert_eq!(rules.seal(&alices(), &long, NOW).expect_err("too long").code(), Some(-32602));
    }
}
