//! An authorization server that says what a test wants, when the test wants it, and remembers what it was asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, Uri};
use mcp::JwtAlgorithm;
use mcp::testing::TestKey;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::clock::now;
use super::servers::RESOURCE;

pub(crate) const METADATA: &str = "/.well-known/oauth-authorization-server";
pub(crate) const OPENID_METADATA: &str = "/.well-known/openid-configuration";
pub(crate) const JWKS: &str = "/jwks";

pub(crate) struct ScriptedIssuer {
    pub(crate) url: String,
    script: Arc<Script>,
    task: JoinHandle<()>,
}

struct Script {
    answers: Mutex<HashMap<String, Answer>>,
    /// Paths, in the order in which they were asked for.
    asked: watch::Sender<Vec<String>>,
    /// The path whose requests wait, if any.
    held: watch::Sender<Option<String>>,
}

#[derive(Clone)]
enum Answer {
    Document(StatusCode, String),
    Redirect(String),
}

impl ScriptedIssuer {
    /// Starts one that has metadata and these keys.
    pub(crate) async fn start(keys: &[&Key]) -> Self {
        let issuer = Self::empty("").await;
        issuer.say(METADATA, json!({"issuer": issuer.url, "jwks_uri": issuer.at(JWKS)}));
        issuer.publish(keys);
        issuer
    }

    /// Starts one that answers 404 to everything. Its URL ends in `path`.
    pub(crate) async fn empty(path: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}{path}", listener.local_addr().expect("an address"));
        let script = Arc::new(Script {
            answers: Mutex::default(),
            asked: watch::Sender::new(Vec::new()),
            held: watch::Sender::new(None),
        });
        let app = Router::new().fallback(answer).with_state(Arc::clone(&script));
        let task = tokio::spawn(async move { axum::serve(listener, app).await.expect("a server") });
        Self { url, script, task }
    }

    pub(crate) fn at(&self, path: &str) -> String {
        let authority = self.url.strip_prefix("http://").expect("a URL").split('/').next().expect("an authority");
        format!("http://{authority}{path}")
    }

    pub(crate) fn say(&self, path: &str, document: impl ToString) {
        self.set(path, Answer::Document(StatusCode::OK, document.to_string()));
    }

    pub(crate) fn fail(&self, path: &str) {
        self.set(path, Answer::Document(StatusCode::INTERNAL_SERVER_ERROR, String::new()));
    }

    pub(crate) fn redirect(&self, path: &str, location: &str) {
        self.set(path, Answer::Redirect(location.to_owned()));
    }

    pub(crate) fn publish(&self, keys: &[&Key]) {
        self.say(JWKS, jwks(keys));
    }

    fn set(&self, path: &str, answer: Answer) {
        self.script.answers.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), answer);
    }

    /// From now on, who asks for `path` waits; what it will get is settled by then.
    pub(crate) fn hold(&self, path: &str) {
        self.script.held.send_replace(Some(path.to_owned()));
    }

    pub(crate) fn release(&self) {
        self.script.held.send_replace(None);
    }

    /// Counts the requests for a path.
    pub(crate) fn count(&self, path: &str) -> usize {
        self.script.asked.borrow().iter().filter(|asked| *asked == path).count()
    }

    pub(crate) async fn until_asked(&self, path: &str, times: usize) {
        let mut asked = self.script.asked.subscribe();
        let enough = |asked: &Vec<String>| asked.iter().filter(|asked| *asked == path).count() >= times;
        asked.wait_for(enough).await.expect("a script");
    }

    /// Takes the paths requested since the last call.
    pub(crate) fn take_asked(&self) -> Vec<String> {
        self.script.asked.send_replace(Vec::new())
    }

    pub(crate) fn token(&self, key: &Key) -> String {
        key.sign(&self.url, 0)
    }

    pub(crate) fn token_from_before(&self, key: &Key, seconds: u64) -> String {
        key.sign(&self.url, seconds)
    }
}

impl Drop for ScriptedIssuer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(State(script): State<Arc<Script>>, uri: Uri) -> Response {
    let path = uri.path().to_owned();
    let answer = script.answers.lock().unwrap_or_else(PoisonError::into_inner).get(&path).cloned();
    script.asked.send_modify(|asked| asked.push(path.clone()));
    let mut held = script.held.subscribe();
    held.wait_for(|held| held.as_ref() != Some(&path)).await.expect("a script");
    match answer {
        Some(Answer::Document(status, body)) => (status, body).into_response(),
        Some(Answer::Redirect(location)) => (StatusCode::FOUND, [("location", location)]).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A key for ES256, by the name that the test gives it.
pub(crate) struct Key {
    kid: String,
    key: TestKey,
}

impl Key {
    pub(crate) fn new(kid: &str) -> Self {
        Self { kid: kid.to_owned(), key: TestKey::generate(JwtAlgorithm::ES256) }
    }

    /// A good token, if this is a key of the issuer, that is so many seconds old. No two are the same.
    pub(crate) fn sign(&self, issuer: &str, age: u64) -> String {
        let now = now();
        let header = json!({"typ": "at+jwt", "alg": "ES256", "kid": self.kid});
        let claims = json!({
            "iss": issuer, "aud": RESOURCE, "exp": now + 3600, "iat": now - age, "sub": "alice", "client_id": "alice",
            "scope": "notes:read",
        });
        self.key.jws(header.to_string(), claims.to_string())
    }

    fn jwk(&self) -> Value {
        let mut jwk = self.key.public_jwk();
        jwk["kid"] = json!(self.kid);
        jwk
    }
}

pub(crate) fn jwks(keys: &[&Key]) -> String {
    json!({"keys": keys.iter().map(|key| key.jwk()).collect::<Vec<_>>()}).to_string()
}
