//! A client for tests that goes through the gate of a server.

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{TestKey, TestProof};
use crate::auth::ProtectedResource;
use crate::auth::gate::Gate;
use crate::lock::locked;
use crate::protocol::completion::{self, Completion, CompletionResult};
use crate::protocol::error::Error;
use crate::protocol::response;
use crate::protocol::tools::ToolResult;
use crate::protocol::version::ProtocolVersion;
use crate::server::{Catalog, Server};
use crate::transport::http::Http;
use crate::transport::http::serve::site::Site;

/// A client for tests of who may do what, without a network.
///
/// Its requests take the whole way of a request over HTTP, and begin at the server's protection. A refusal is a response
/// like any other. The client uses the newest version of the protocol. For tests of what a server does, use
/// [`MemoryClient`](crate::MemoryClient).
///
/// ```
/// use mcp::testing::TestClient;
/// use mcp::{AccessToken, Http, StaticTokens, ToolResult};
///
/// # struct Notes;
/// # #[mcp::server(
/// #     issuer = "https://auth.example.com",
/// #     resource = "https://notes.example.com/mcp",
/// #     scopes = ["notes:read"],
/// #     optional_scopes = ["notes:write"],
/// # )]
/// # impl Notes {
/// #     /// List every note.
/// #     #[mcp::tool]
/// #     fn list_notes(&self) -> String { "Buy milk".to_owned() }
/// #     /// Delete every note.
/// #     #[mcp::tool(scopes = ["notes:write"])]
/// #     fn clear(&self) -> String { String::new() }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), mcp::Error> {
/// let tokens = StaticTokens::new([("alice-token", AccessToken::ours("alice").with_scopes(["notes:read"]))]);
/// let client = TestClient::new(Http::protected(Notes, tokens));
/// assert_eq!(client.list_tools().await.status(), 401);
///
/// let alice = client.token("alice-token");
/// let notes: ToolResult = alice.call_tool("list_notes", ()).await.result()?;
/// assert_eq!(notes.text(), "Buy milk");
///
/// let refused = alice.call_tool("clear", ()).await;
/// assert_eq!(refused.status(), 403);
/// assert!(refused.www_authenticate().unwrap().contains("notes:write"));
/// # Ok(())
/// # }
/// ```
pub struct TestClient<S, G> {
    site: Arc<Site<G>>,
    server: PhantomData<fn() -> S>,
    credentials: Option<Credentials>,
}

/// The credentials that a client sends.
#[derive(Clone)]
enum Credentials {
    Bearer(String),
    /// A token with a new proof for each request.
    Bound {
        token: String,
        key: TestKey,
        /// The last nonce of the server.
        nonce: Arc<Mutex<Option<String>>>,
    },
}

#[expect(private_bounds, reason = "the two gates are chosen by the constructors of `Http`")]
impl<S: Server, G: Gate> TestClient<S, G> {
    /// Creates a client of a server, without a token.
    ///
    /// # Panics
    /// The verifier is for another resource or for other issuers than those of the server.
    #[must_use]
    #[track_caller]
    #[expect(clippy::panic, reason = "a mistake in a test fails the test")]
    pub fn new(http: Http<S, G>) -> Self {
        match http.into_site(false) {
            Ok(site) => Self { site: Arc::new(site), server: PhantomData, credentials: None },
            Err(foreign) => panic!("{foreign}"),
        }
    }

    /// Returns a client of the same server that sends this bearer token.
    #[must_use]
    pub fn token(&self, token: impl Into<String>) -> Self {
        Self { credentials: Some(Credentials::Bearer(token.into())), ..self.clone() }
    }

    /// Returns a client of the same server that sends this token with proofs of `key` (DPoP, RFC 9449).
    ///
    /// Each request has a new [`TestProof`], with the last nonce of the server.
    #[must_use]
    pub fn bound_token(&self, token: impl Into<String>, key: &TestKey) -> Self {
        let credentials = Credentials::Bound { token: token.into(), key: key.clone(), nonce: Arc::default() };
        Self { credentials: Some(credentials), ..self.clone() }
    }

    /// Returns the path of the endpoint.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.site.path
    }

    /// Lists the tools.
    pub async fn list_tools(&self) -> TestResponse {
        self.request("tools/list", json!({})).await
    }

    /// Calls a tool with arguments that serialise to a JSON object.
    ///
    /// # Panics
    /// `arguments` has no JSON form.
    #[expect(clippy::expect_used, reason = "a mistake in a test fails the test")]
    pub async fn call_tool(&self, name: &str, arguments: impl Serialize) -> TestResponse {
        let arguments = serde_json::to_value(arguments).expect("arguments have a JSON form");
        self.request("tools/call", json!({"name": name, "arguments": arguments})).await
    }

    /// Reads a resource. The result is a [`ReadResult`](crate::ReadResult).
    pub async fn read_resource(&self, uri: &str) -> TestResponse {
        self.request("resources/read", json!({"uri": uri})).await
    }

    /// Runs a prompt with arguments that serialise to a JSON object of strings.
    ///
    /// The result is a [`PromptResult`](crate::PromptResult).
    ///
    /// # Panics
    /// `arguments` has no JSON form.
    #[expect(clippy::expect_used, reason = "a mistake in a test fails the test")]
    pub async fn prompt(&self, name: &str, arguments: impl Serialize) -> TestResponse {
        let arguments = serde_json::to_value(arguments).expect("arguments have a JSON form");
        self.request("prompts/get", json!({"name": name, "arguments": arguments})).await
    }

    /// Completes the argument of a prompt, of which `value` is typed so far.
    ///
    /// [`TestResponse::completion`] returns the values.
    pub async fn complete_prompt(&self, prompt: &str, argument: &str, value: &str) -> TestResponse {
        self.request("completion/complete", completion::prompt_params(prompt, argument, value)).await
    }

    /// Completes the variable of a resource template, of which `value` is typed so far.
    ///
    /// [`TestResponse::completion`] returns the values.
    pub async fn complete_resource(&self, template: &str, variable: &str, value: &str) -> TestResponse {
        self.request("completion/complete", completion::template_params(template, variable, value)).await
    }

    /// Sends any request of the protocol, with `params` that are an object.
    ///
    /// The `_meta` and the headers that the protocol requires are added.
    pub async fn request(&self, method: &str, params: Value) -> TestResponse {
        self.send(self.message(Some(1), method, params)).await
    }

    /// Sends any notification of the protocol, with `params` that are an object.
    ///
    /// The `_meta` and the headers that the protocol requires are added.
    pub async fn notify(&self, method: &str, params: Value) -> TestResponse {
        self.send(self.message(None, method, params)).await
    }

    /// Sends any HTTP request, with a `Host` and the token of this client.
    ///
    /// A `Host`, `Authorization` or `DPoP` that the request has is not replaced.
    ///
    /// # Panics
    /// The token of this client can't be in a header.
    pub async fn send(&self, request: Request<impl Into<Bytes>>) -> TestResponse {
        let mut request = request.map(|body| Full::new(body.into()));
        let headers = request.headers_mut();
        headers.entry(HOST).or_insert_with(|| self.host());
        self.authorize(&mut request);
        let Ok(response) = self.site.handle(request, None).await;
        let (parts, body) = response.into_parts();
        if let Some(Credentials::Bound { nonce, .. }) = &self.credentials
            && let Some(next) = parts.headers.get("dpop-nonce").and_then(|next| next.to_str().ok())
        {
            *locked(nonce) = Some(next.to_owned());
        }
        let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        TestResponse { status: parts.status, headers: parts.headers, body }
    }

    /// Adds the credentials of this client to a request.
    #[expect(clippy::expect_used, reason = "a mistake in a test fails the test")]
    fn authorize<B>(&self, request: &mut Request<B>) {
        let value = |text: String| HeaderValue::try_from(text).expect("a token has no control characters");
        let method = request.method().clone();
        let headers = request.headers_mut();
        match &self.credentials {
            None => {}
            Some(Credentials::Bearer(token)) => {
                headers.entry(AUTHORIZATION).or_insert_with(|| value(format!("Bearer {token}")));
            }
            Some(Credentials::Bound { token, key, nonce }) => {
                headers.entry(AUTHORIZATION).or_insert_with(|| value(format!("DPoP {token}")));
                headers.entry("dpop").or_insert_with(|| {
                    let url = self.resource().map(|resource| &*resource.url).unwrap_or_default();
                    let proof = TestProof::new(key, method.as_str(), url).token(token);
                    value(match &*locked(nonce) {
                        Some(nonce) => proof.nonce(nonce).mint(),
                        None => proof.mint(),
                    })
                });
            }
        }
    }

    /// Returns a complete message of the newest version, without a token.
    #[expect(clippy::expect_used, reason = "a mistake in a test fails the test")]
    pub(super) fn message(&self, id: Option<u8>, method: &str, mut params: Value) -> Request<Bytes> {
        let version = ProtocolVersion::V2026_07_28;
        let name = match method {
            "tools/call" | "prompts/get" => params.get("name"),
            "resources/read" => params.get("uri"),
            _ => None,
        };
        let name = name.and_then(Value::as_str).map(mirrored);
        if let Some(params) = params.as_object_mut() {
            params.insert(
                "_meta".to_owned(),
                json!({
                    "io.modelcontextprotocol/protocolVersion": version.as_str(),
                    "io.modelcontextprotocol/clientInfo":
                        {"name": "mcp::testing::TestClient", "version": env!("CARGO_PKG_VERSION")},
                    "io.modelcontextprotocol/clientCapabilities": {},
                }),
            );
        }
        let mut request = self.post(version, id, method, &params);
        let headers = request.headers_mut();
        headers.insert("mcp-method", method.parse().expect("the name of a method can stand in a header"));
        if let Some(name) = name {
            headers.insert("mcp-name", name.parse().expect("the name is encoded"));
        }
        for (name, value) in mirrored_arguments(&self.catalog(), &params) {
            let name = HeaderName::try_from(format!("mcp-param-{name}")).expect("the name of a header");
            headers.insert(name, mirrored(&value).parse().expect("the value is encoded"));
        }
        request
    }

    /// Returns a complete request of an older version, without a token.
    pub(super) fn legacy_message(&self, method: &str, params: &Value) -> Request<Bytes> {
        self.post(ProtocolVersion::V2025_06_18, Some(1), method, params)
    }

    #[expect(clippy::expect_used, reason = "an endpoint is a path")]
    fn post(&self, version: ProtocolVersion, id: Option<u8>, method: &str, params: &Value) -> Request<Bytes> {
        let mut body = json!({"jsonrpc": "2.0", "method": method, "params": params});
        if let Some(id) = id {
            body["id"] = json!(id);
        }
        Request::post(self.endpoint())
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json, text/event-stream")
            .header("mcp-protocol-version", version.as_str())
            .body(body.to_string().into())
            .expect("a request")
    }

    pub(super) fn catalog(&self) -> Arc<Catalog> {
        self.site.catalog()
    }

    pub(super) fn resource(&self) -> Option<&ProtectedResource> {
        self.site.resource()
    }

    /// Returns the host of the resource, or a loopback one for an open server.
    fn host(&self) -> HeaderValue {
        let origin = self.resource().and_then(|resource| resource.origin.split_once("://"));
        let authority = origin.and_then(|(_, authority)| HeaderValue::from_str(authority).ok());
        authority.unwrap_or(HeaderValue::from_static("127.0.0.1"))
    }
}

impl<S, G> Clone for TestClient<S, G> {
    fn clone(&self) -> Self {
        Self { site: Arc::clone(&self.site), server: PhantomData, credentials: self.credentials.clone() }
    }
}

/// Prints the client without its token.
impl<S, G> fmt::Debug for TestClient<S, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestClient").field("endpoint", &self.site.path).finish_non_exhaustive()
    }
}

/// Returns the arguments that the called tool mirrors in headers.
fn mirrored_arguments(catalog: &Catalog, params: &Value) -> Vec<(&'static str, String)> {
    let parameters = params["name"].as_str().map(|name| catalog.parameters(name)).unwrap_or_default();
    let mirrored = parameters.into_iter().filter_map(|parameter| {
        let value = match &params["arguments"][parameter.name] {
            Value::Null => return None,
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        Some((parameter.header?, value))
    });
    mirrored.collect()
}

/// Encodes a value for a header (MCP 2026-07-28, Streamable HTTP, "Value Encoding").
fn mirrored(name: &str) -> String {
    let fits = name.bytes().all(|b| matches!(b, b' '..=b'~')) && name.trim() == name && !name.starts_with("=?");
    if fits { name.to_owned() } else { format!("=?base64?{}?=", STANDARD.encode(name)) }
}

/// The response of a server, which may be a refusal.
#[derive(Debug, Clone)]
pub struct TestResponse {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl TestResponse {
    /// Returns the HTTP status, which can be compared to a number.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the challenge of a refusal (RFC 6750 §3).
    #[must_use]
    pub fn www_authenticate(&self) -> Option<&str> {
        self.headers.get(WWW_AUTHENTICATE)?.to_str().ok()
    }

    /// Returns the bytes of the body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Returns the JSON of the body, or of the last message of a stream.
    ///
    /// Without valid JSON, it is `null`.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(self.answer()).unwrap_or_default()
    }

    /// Returns the body, or the last message of an event stream.
    fn answer(&self) -> &[u8] {
        if self.headers.get(CONTENT_TYPE).is_none_or(|kind| kind != "text/event-stream") {
            return &self.body;
        }
        let lines = self.body.split(|byte| *byte == b'\n');
        lines.filter_map(|line| line.strip_prefix(b"data: ")).next_back().unwrap_or_default()
    }

    /// Returns the structured content of a tool as a type.
    ///
    /// ```
    /// use mcp::testing::TestClient;
    /// use mcp::{Http, Json};
    ///
    /// # struct Weather;
    /// #[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
    /// struct Forecast {
    ///     celsius: f64,
    /// }
    ///
    /// # #[mcp::server]
    /// # impl Weather {
    /// /// Forecast the weather.
    /// #[mcp::tool]
    /// fn forecast(&self) -> Json<Forecast> {
    ///     Json(Forecast { celsius: 22.5 })
    /// }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), mcp::Error> {
    /// let client = TestClient::new(Http::open(Weather));
    /// let forecast: Forecast = client.call_tool("forecast", ()).await.structured()?;
    /// assert_eq!(forecast.celsius, 22.5);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As for [`result`](Self::result) and [`ToolResult::structured`].
    pub fn structured<T: DeserializeOwned>(&self) -> Result<T, Error> {
        self.result::<ToolResult>()?.structured()
    }

    /// Returns the values of a completion.
    ///
    /// # Errors
    /// As for [`result`](Self::result).
    pub fn completion(&self) -> Result<Completion, Error> {
        self.result::<CompletionResult>().map(|result| result.completion)
    }

    /// Returns the result of the request, such as a [`ToolResult`] of `tools/call`.
    ///
    /// # Errors
    /// The JSON-RPC error of the response. A refusal, or a body that is no result, is the protocol error -32603 with the
    /// status.
    pub fn result<T: for<'de> Deserialize<'de>>(&self) -> Result<T, Error> {
        response::read(self.answer()).unwrap_or_else(|| {
            Err(Error::internal(format!(
                "no result of the expected type, but {} with the body {}",
                self.status,
                String::from_utf8_lossy(&self.body)
            )))
        })
    }
}
