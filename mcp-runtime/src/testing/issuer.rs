//! An authorization server for tests.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::SystemTime;
use std::{fmt, io};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

use super::key::{Owner, find_key, random_text};
use super::token::seconds;
use super::{TestKey, TestToken};
use crate::JwtAlgorithm;
use crate::lock::locked;

/// An authorization server for tests, on a loopback port of its own.
///
/// It has metadata (RFC 8414, and OpenID Connect Discovery), a JWKS, and an introspection endpoint (RFC 7662), and mints
/// good and bad tokens. It can fail and recover, and counts its requests, so that a test of keys and caches needs no
/// clock. When it is dropped, it closes all connections.
///
/// ```
/// use mcp::testing::TestIssuer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let issuer = TestIssuer::start().await?;
/// let token = issuer.token("https://notes.example.com/mcp").scopes(["notes:read"]).mint();
/// assert_eq!(issuer.jwks_requests(), 0);
/// # Ok(())
/// # }
/// ```
pub struct TestIssuer {
    state: Arc<State>,
    server: AbortHandle,
}

struct State {
    url: String,
    content: Mutex<Content>,
    health: watch::Sender<Health>,
    metadata_requests: watch::Sender<usize>,
    jwks_requests: watch::Sender<usize>,
    introspection_requests: watch::Sender<usize>,
}

/// The keys and tokens of an issuer.
struct Content {
    keys: Vec<TestKey>,
    /// The number of times that the keys were replaced.
    generation: usize,
    /// The answers of the introspection endpoint by token.
    opaque_tokens: HashMap<String, Map<String, Value>>,
    /// The id and the secret that the introspection endpoint demands; `None` admits everyone.
    client: Option<(String, String)>,
}

/// The responses of an issuer: as usual, all with one status, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Health {
    Well,
    Failing(StatusCode),
    Hanging,
}

impl TestIssuer {
    /// Starts an issuer with one key, for ES256.
    ///
    /// # Errors
    /// There is no free port on loopback.
    pub async fn start() -> io::Result<Self> {
        Self::start_with([JwtAlgorithm::ES256]).await
    }

    /// Starts an issuer with a key for each of these algorithms.
    ///
    /// It signs with the first one, unless [`TestToken::algorithm`] sets another. The RSA keys of all issuers are the same,
    /// and public.
    ///
    /// # Errors
    /// There is no free port on loopback.
    pub async fn start_with(algorithms: impl IntoIterator<Item = JwtAlgorithm>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let keys = (algorithms.into_iter())
            .map(|algorithm| TestKey::new(algorithm, Owner::Issuer { generation: 0 }, random_text()))
            .collect();
        let content = Content { keys, generation: 0, opaque_tokens: HashMap::new(), client: None };
        let state = Arc::new(State {
            url: format!("http://{}", listener.local_addr()?),
            content: Mutex::new(content),
            health: watch::Sender::new(Health::Well),
            metadata_requests: watch::Sender::new(0),
            jwks_requests: watch::Sender::new(0),
            introspection_requests: watch::Sender::new(0),
        });
        let server = tokio::spawn(serve(listener, Arc::clone(&state))).abort_handle();
        Ok(Self { state, server })
    }

    /// Returns the issuer: scheme, host and port.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.state.url
    }

    /// Returns the URL of the public keys.
    #[must_use]
    pub fn jwks_url(&self) -> String {
        self.state.jwks_url()
    }

    /// Returns the URL of the introspection endpoint.
    #[must_use]
    pub fn introspection_url(&self) -> String {
        self.state.introspection_url()
    }

    /// Returns the document at [`jwks_url`](Self::jwks_url).
    #[must_use]
    pub fn jwks(&self) -> Value {
        self.state.jwks()
    }

    /// Returns the key that the issuer signs with.
    ///
    /// # Panics
    /// The issuer was started without algorithms.
    #[must_use]
    pub fn key(&self) -> TestKey {
        self.state.content().keys[0].clone()
    }

    /// Returns the key for an algorithm.
    ///
    /// # Panics
    /// The issuer was started without that algorithm.
    #[must_use]
    #[track_caller]
    pub fn key_for(&self, algorithm: JwtAlgorithm) -> TestKey {
        find_key(&self.state.content().keys, algorithm)
    }

    /// Returns the builder of a good token for a resource.
    pub fn token(&self, resource: &str) -> TestToken {
        TestToken::new(&self.state.url, resource, self.state.content().keys.clone())
    }

    /// Creates an opaque token with the claims of `token`.
    ///
    /// The introspection endpoint answers with these claims until the token expires or is [revoked](Self::revoke).
    #[must_use]
    pub fn opaque_token(&self, token: TestToken) -> String {
        let opaque = random_text();
        self.state.content().opaque_tokens.insert(opaque.clone(), token.into_claims());
        opaque
    }

    /// Makes an opaque token inactive.
    pub fn revoke(&self, opaque_token: &str) {
        self.state.content().opaque_tokens.remove(opaque_token);
    }

    /// Demands client authentication at the introspection endpoint, which admits everyone by default.
    ///
    /// The credentials may be in the header or in the form (RFC 6749 §2.3.1).
    pub fn require_client(&self, id: impl Into<String>, secret: impl Into<String>) {
        self.state.content().client = Some((id.into(), secret.into()));
    }

    /// Replaces all keys by new ones with new `kid`s.
    pub fn rotate(&self) {
        self.replace_keys(|_| random_text());
    }

    /// Replaces all keys by new ones with the old `kid`s.
    pub fn rotate_same_kid(&self) {
        self.replace_keys(|key| key.kid().to_owned());
    }

    fn replace_keys(&self, kid: impl Fn(&TestKey) -> String) {
        let content = &mut *self.state.content();
        content.generation += 1;
        let owner = Owner::Issuer { generation: content.generation };
        for key in &mut content.keys {
            if let Some(algorithm) = key.algorithm() {
                *key = TestKey::new(algorithm, owner, kid(key));
            }
        }
    }

    /// Responds to all requests with this status, from now on.
    ///
    /// # Panics
    /// `status` is not an HTTP status.
    #[track_caller]
    #[expect(clippy::expect_used, reason = "a mistake in a test fails the test")]
    pub fn fail(&self, status: u16) {
        self.state.health.send_replace(Health::Failing(StatusCode::from_u16(status).expect("an HTTP status")));
    }

    /// Responds to no request, from now on.
    pub fn hang(&self) {
        self.state.health.send_replace(Health::Hanging);
    }

    /// Responds as usual again, also to the requests that wait.
    pub fn recover(&self) {
        self.state.health.send_replace(Health::Well);
    }

    /// Returns the number of requests for a metadata document, answered or not.
    #[must_use]
    pub fn metadata_requests(&self) -> usize {
        *self.state.metadata_requests.borrow()
    }

    /// Returns the number of requests for the public keys, answered or not.
    #[must_use]
    pub fn jwks_requests(&self) -> usize {
        *self.state.jwks_requests.borrow()
    }

    /// Returns the number of requests to the introspection endpoint, answered or not.
    #[must_use]
    pub fn introspection_requests(&self) -> usize {
        *self.state.introspection_requests.borrow()
    }

    /// Completes when there have been so many requests for the public keys.
    pub async fn jwks_requested(&self, times: usize) {
        reached(&self.state.jwks_requests, times).await;
    }

    /// Completes when there have been so many requests to the introspection endpoint.
    pub async fn introspection_requested(&self, times: usize) {
        reached(&self.state.introspection_requests, times).await;
    }
}

impl Drop for TestIssuer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl fmt::Debug for TestIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestIssuer").field("url", &self.state.url).finish_non_exhaustive()
    }
}

async fn reached(counter: &watch::Sender<usize>, times: usize) {
    // The error of a dropped sender is impossible, because the sender is borrowed.
    let _ = counter.subscribe().wait_for(|count| *count >= times).await;
}

/// Serves connections until the task is aborted, which closes them.
async fn serve(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        let service = service_fn(move |request| {
            let state = Arc::clone(&state);
            async move { Ok::<_, Infallible>(state.answer(request).await) }
        });
        connections.spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        while connections.try_join_next().is_some() {}
    }
}

impl State {
    fn content(&self) -> MutexGuard<'_, Content> {
        locked(&self.content)
    }

    fn jwks_url(&self) -> String {
        format!("{}/jwks", self.url)
    }

    fn introspection_url(&self) -> String {
        format!("{}/introspect", self.url)
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        match (request.method(), request.uri().path()) {
            (&Method::GET, "/.well-known/oauth-authorization-server" | "/.well-known/openid-configuration") => {
                self.arrived(&self.metadata_requests).await.unwrap_or_else(|| ok(&self.metadata()))
            }
            (&Method::GET, "/jwks") => self.arrived(&self.jwks_requests).await.unwrap_or_else(|| ok(&self.jwks())),
            (&Method::POST, "/introspect") => match self.arrived(&self.introspection_requests).await {
                Some(failure) => failure,
                None => self.introspect(request).await,
            },
            _ => status(StatusCode::NOT_FOUND),
        }
    }

    /// Counts a request, and returns the response of an issuer that fails.
    async fn arrived(&self, counter: &watch::Sender<usize>) -> Option<Response<Full<Bytes>>> {
        counter.send_modify(|count| *count += 1);
        let mut health = self.health.subscribe();
        let health = *health.wait_for(|health| *health != Health::Hanging).await.ok()?;
        match health {
            Health::Failing(failure) => Some(status(failure)),
            Health::Well | Health::Hanging => None,
        }
    }

    fn metadata(&self) -> Value {
        json!({
            "issuer": self.url,
            "authorization_endpoint": format!("{}/authorize", self.url),
            "token_endpoint": format!("{}/token", self.url),
            "jwks_uri": self.jwks_url(),
            "introspection_endpoint": self.introspection_url(),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported":
                self.content().keys.iter().map(TestKey::alg).collect::<Vec<_>>(),
        })
    }

    fn jwks(&self) -> Value {
        json!({"keys": self.content().keys.iter().map(TestKey::public_jwk).collect::<Vec<_>>()})
    }

    /// Responds to an introspection (RFC 7662 §2).
    async fn introspect(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        let Ok(body) = body.collect().await else { return status(StatusCode::BAD_REQUEST) };
        let form = parse_form(&String::from_utf8_lossy(&body.to_bytes()));
        let content = self.content();
        if let Some(client) = &content.client
            && sent_client(&parts.headers, &form).as_ref() != Some(client)
        {
            let mut response = json_response(StatusCode::UNAUTHORIZED, &json!({"error": "invalid_client"}));
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"issuer\""));
            return response;
        }
        let Some(token) = form.get("token") else {
            return json_response(StatusCode::BAD_REQUEST, &json!({"error": "invalid_request"}));
        };
        let now = seconds(SystemTime::now());
        let is_over =
            |claims: &Map<String, Value>| claims.get("exp").and_then(Value::as_u64).is_some_and(|end| end <= now);
        match content.opaque_tokens.get(token).filter(|claims| !is_over(claims)) {
            None => ok(&json!({"active": false})),
            Some(claims) => {
                let mut claims = claims.clone();
                claims.entry("active").or_insert(json!(true));
                claims.entry("token_type").or_insert(json!("Bearer"));
                ok(&Value::Object(claims))
            }
        }
    }
}

/// Returns the id and the secret of the client.
fn sent_client(headers: &HeaderMap, form: &HashMap<String, String>) -> Option<(String, String)> {
    match headers.get(AUTHORIZATION) {
        Some(header) => {
            let basic = STANDARD.decode(header.to_str().ok()?.strip_prefix("Basic ")?).ok()?;
            let basic = String::from_utf8(basic).ok()?;
            let (id, secret) = basic.split_once(':')?;
            Some((decode_form(id), decode_form(secret)))
        }
        None => Some((form.get("client_id")?.clone(), form.get("client_secret")?.clone())),
    }
}

/// Parses `application/x-www-form-urlencoded`.
fn parse_form(body: &str) -> HashMap<String, String> {
    let pairs = body.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decode_form(name), decode_form(value))).collect()
}

fn decode_form(text: &str) -> String {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digits = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match (first, digits.and_then(|digits| u8::from_str_radix(digits, 16).ok())) {
            (b'%', Some(byte)) => {
                out.push(byte);
                rest = &tail[2..];
                continue;
            }
            (b'+', _) => out.push(b' '),
            (byte, _) => out.push(*byte),
        }
        rest = tail;
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn ok(body: &Value) -> Response<Full<Bytes>> {
    json_response(StatusCode::OK, body)
}

fn json_response(status: StatusCode, body: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.to_string().into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
