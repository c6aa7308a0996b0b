//! `requestState`: the sealed transcript of a request, which the client keeps between two rounds.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::fingerprint::{Digest, RequestFingerprint};
use super::request::RawAnswer;
use super::used_states::{Ticket, UsedStates, millis};
use crate::backplane::link::Link;
use crate::limits::StateLimits;
use crate::protocol::error::Error;
use crate::seal::StateKeys;

/// The purpose of these sealed texts, which no other sealed text has.
const PURPOSE: &str = "requestState";

/// The keys, the limits and the use record of states.
pub(crate) struct StateRules {
    pub(crate) keys: Arc<StateKeys>,
    /// The limits. `bytes` bounds the number of rounds, too, because each round adds to the state.
    pub(crate) limits: StateLimits,
    /// The states with answers that are valid once.
    pub(crate) used: Arc<UsedStates>,
    /// The link to other instances. Absent for a server that runs alone.
    pub(crate) link: Option<Arc<Link>>,
}

impl Default for StateRules {
    fn default() -> Self {
        let limits = StateLimits::default();
        let used = Arc::new(UsedStates::new(limits.used, SystemTime::now()));
        Self { keys: Arc::new(StateKeys::random()), used, link: None, limits }
    }
}

/// The answers of a request so far, and its open questions.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Transcript {
    /// The answers by the key of their question.
    pub(super) answers: HashMap<String, RecordedAnswer>,
    /// The digests of the questions in the last response, by key.
    pub(super) open: HashMap<String, String>,
}

/// An answer of the client, with its question.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct RecordedAnswer {
    /// The digest of the question. Another question with the same key is asked anew.
    pub(super) question: String,
    pub(super) answer: RawAnswer,
}

/// The content of a sealed state.
#[derive(Serialize, Deserialize)]
struct State<'a, T> {
    /// The time of sealing, in milliseconds since 1970.
    sealed: u64,
    /// The digest of the request's fingerprint.
    #[serde(borrow)]
    fingerprint: Cow<'a, str>,
    transcript: T,
}

impl StateRules {
    /// Replaces the limits, and begins a new record of used states.
    pub(crate) fn set_limits(&mut self, limits: StateLimits) {
        self.used = Arc::new(UsedStates::new(limits.used, SystemTime::now()));
        self.limits = limits;
    }

    /// Seals a transcript, for this caller and this request only.
    pub(super) fn seal(
        &self,
        fingerprint: &RequestFingerprint,
        transcript: &Transcript,
        now: SystemTime,
    ) -> Result<String, Error> {
        let state = State { sealed: millis(now), fingerprint: fingerprint.digest().into(), transcript };
        let content = serde_json::to_string(&state).map_err(|_| Error::internal("The server can't write its state"))?;
        let text = self.keys.seal(PURPOSE, &content)?;
        if text.len() > self.limits.bytes {
            let message = format!("Invalid params: the answers are longer than {} bytes together", self.limits.bytes);
            return Err(Error::invalid_params(message));
        }
        Ok(text)
    }

    /// Opens a state. All errors are equal, because a reason would help to forge one.
    pub(super) fn open(
        &self,
        text: &str,
        fingerprint: &RequestFingerprint,
        now: SystemTime,
    ) -> Result<(Transcript, Ticket), Error> {
        let refused =
            || Error::invalid_params("Invalid params: `requestState` is not valid for this request; start anew");
        if text.len() > self.limits.bytes {
            return Err(refused());
        }
        let content = self.keys.open(PURPOSE, text).ok_or_else(refused)?;
        let State { sealed, fingerprint: expected, transcript } =
            serde_json::from_str(&content).map_err(|_| refused())?;
        let age = Duration::from_millis(millis(now).saturating_sub(sealed));
        if expected != fingerprint.digest() || age >= self.limits.lifetime {
            return Err(refused());
        }
        let ticket = Ticket {
            record: Arc::clone(&self.used),
            link: self.link.clone(),
            account: self.used.account(fingerprint.token()),
            // A sealed text has one spelling, so that the digest of the text identifies the state.
            state: Digest::of(&[text.as_bytes()]),
            sealed,
            lifetime: self.limits.lifetime,
        };
        Ok((transcript, ticket))
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;
    use crate::auth::AccessToken;

    const NOW: SystemTime = UNIX_EPOCH;

    fn raw(json: &str) -> RawAnswer {
        serde_json::from_str(json).expect("JSON")
    }

    fn request(client: Option<&str>, method: &str, target: &str, arguments: &str) -> RequestFingerprint {
        request_of(client, method, &format!(r#""name":"{target}","arguments":{arguments}"#))
    }

    fn request_of(client: Option<&str>, method: &str, params: &str) -> RequestFingerprint {
        let message = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{{params}}}}}"#);
        RequestFingerprint { token: client.map(AccessToken::ours), message: message.into() }
    }

    fn alices() -> RequestFingerprint {
        request(Some("alice"), "tools/call", "pay", r#"{"to":"bob","amount":1}"#)
    }

    fn transcript(json: &str) -> Transcript {
        let answer = RecordedAnswer { question: "Pay?".to_owned(), answer: raw(json) };
        Transcript { answers: HashMap::from([("confirm".to_owned(), answer)]), ..Transcript::default() }
    }

    fn answers() -> Transcript {
        transcript(r#"{"action": "accept"}"#)
    }

    #[test]
    fn answers_come_back_as_they_were() {
        let rules = StateRules::default();
        let text = rules.seal(&alices(), &answers(), NOW).expect("sealed");
        let (opened, _) = rules.open(&text, &alices(), NOW + Duration::from_secs(599)).expect("open");
        assert_eq!(opened.answers["confirm"].answer.get(), r#"{"action": "accept"}"#);
        assert_eq!(opened.answers.len(), 1);
        let rewritten = request(Some("alice"), "tools/call", "pay", r#" { "amount" : 1, "t\u006f" : "b\u006fb" } "#);
        assert!(rules.open(&text, &rewritten, NOW).is_ok(), "the same request in other words");
    }

    #[test]
    fn a_state_is_good_for_one_caller_one_request_and_some_time_and_nobody_learns_which() {
        let rules = StateRules::default();
        let text = rules.seal(&alices(), &answers(), NOW).expect("sealed");
        let message = |text: &str, request: &RequestFingerprint, now| {
            let error = rules.open(text, request, now).err().expect("refused");
            assert_eq!(error.code(), Some(-32602));
            error.message().to_owned()
        };
        let expected = message(&text, &alices(), NOW + Duration::from_secs(600));
        for other in [
            request(Some("bob"), "tools/call", "pay", r#"{"to":"bob","amount":1}"#),
            request(None, "tools/call", "pay", r#"{"to":"bob","amount":1}"#),
            request(Some("alice"), "prompts/get", "pay", r#"{"to":"bob","amount":1}"#),
            request(Some("alice"), "tools/call", "refund", r#"{"to":"bob","amount":1}"#),
            request(Some("alice"), "tools/call", "pay", r#"{"to":"bob","amount":2}"#),
            request(Some("alice"), "tools/call", "pay", r#"{"to":"bob","amount":"1"}"#),
            request(Some("alice"), "tools/call", "pay", r#"{"to":["bob"],"amount":1}"#),
            request(Some("alice"), "tools/call", "pay", "{}"),
            request_of(Some("alice"), "tools/call", r#""name":"pay","uri":"pay","arguments":{"to":"bob","amount":1}"#),
            request_of(Some("alice"), "tools/call", r#""uri":"pay","arguments":{"to":"bob","amount":1}"#),
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
    fn a_state_has_a_longest_length() {
        let limits = StateLimits { bytes: 200, ..StateLimits::default() };
        let rules = StateRules { limits, ..StateRules::default() };
        let short = rules.seal(&alices(), &Transcript::default(), NOW).expect("short enough");
        assert!(rules.open(&short, &alices(), NOW).is_ok());
        let long = transcript(&format!("\"{}\"", "x".repeat(200)));
        assert_eq!(rules.seal(&alices(), &long, NOW).expect_err("too long").code(), Some(-32602));
    }
}
