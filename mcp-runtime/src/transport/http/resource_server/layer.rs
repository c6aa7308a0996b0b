//! A layer of tower in front of any service, which admits bearer tokens.

use std::fmt;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::body::BearerBody;
use super::tool_scopes::{ToolScopes, read_messages};
use crate::auth::gate::{Admitted, AuditTarget, Bearer, Gate as _};
use crate::auth::{AccessToken, Account, IntoScopes, ProtectionError, RequiredScopes, TokenVerifier, with_token};
use crate::budget::Budget;
use crate::json::bytes::unmarked;
use crate::limits::RequestLimits;
use crate::protocol::message::Message;
use crate::transport::http::request::discard::{BodyRemainder, OF_A_STRANGER, of_a_caller};
use crate::transport::http::request::headers::{has_json_body, is_encoded, media_type};
use crate::transport::http::request::read::{BodyRefusal, RequestBody, read};
use crate::transport::http::response::expiry::Expiry;
use crate::transport::http::response::{Rejection, add_nonce, failure, not_json, unsupported_encoding};
use crate::transport::http::serve::site::MetadataRoutes;

/// A layer that admits requests with a valid bearer token, and refuses others.
///
/// [`ResourceServer::layer`](crate::ResourceServer::layer) creates it. A request of an admitted caller
///
/// - has its [`AccessToken`] among its extensions, and runs where [`access_token`](crate::access_token) returns it;
/// - has no `Authorization` header, because a service has no use for the raw token and must not pass it on.
///
/// A response that is a stream of server-sent events ends when the token expires. Requests for the metadata document are
/// responded to without a token. Everything else passes unchanged.
///
/// The layer knows nothing of browsers. Put a layer for CORS around it, because a preflight has no token. `Host` and
/// `Origin` are checked by the service or by the surrounding app. A request passes one such layer only: a second one
/// finds no token.
pub struct BearerLayer<V> {
    gate: Bearer<V>,
    metadata: Arc<MetadataRoutes>,
    limits: RequestLimits,
    budget: Arc<Budget>,
    /// The scopes that every request needs, those of the resource included.
    required: RequiredScopes,
    /// Present if the service is an MCP server.
    tools: Option<ToolScopes>,
}

impl<V> BearerLayer<V> {
    pub(super) fn new(
        gate: Bearer<V>,
        metadata: Arc<MetadataRoutes>,
        limits: RequestLimits,
        budget: Arc<Budget>,
    ) -> Self {
        let required = gate.protected_resource().required_set();
        Self { gate, metadata, limits, budget, required, tools: None }
    }

    /// Adds scopes that every request needs, beyond those of the resource.
    ///
    /// `scopes` is a list, or a text with spaces.
    ///
    /// # Errors
    /// [`ProtectionError`] when the resource does not have one of them.
    pub fn require(mut self, scopes: impl IntoScopes) -> Result<Self, ProtectionError> {
        self.required = union(self.required.scopes(), &self.own_scopes(scopes)?);
        Ok(self)
    }

    /// Adds the scopes of a tool, for a service that is an MCP server.
    ///
    /// The layer reads the messages of a service with such scopes, whatever their protocol version, and passes them on
    /// unchanged. A `tools/call` needs the scopes of its tool, or else those of [`other_tools`](Self::other_tools). A batch
    /// needs those of all its calls. Refusals name the scopes, as those of [`Http`](crate::Http) do.
    ///
    /// Bodies that could mean one thing to the layer and another to the service are refused with a 400: no JSON-RPC,
    /// members that are given twice or in another spelling (`"Method"`), and headers that contradict the body.
    ///
    /// ```
    /// # use mcp::{AccessToken, Protection, ResourceServer, StaticTokens};
    /// # fn main() -> Result<(), mcp::ProtectionError> {
    /// # let tokens = StaticTokens::new([("t", AccessToken::ours("alice"))]);
    /// let protection = Protection::new("https://auth.example.com", "https://orders.example.com/mcp")?
    ///     .scopes(&["orders:read"])?
    ///     .optional_scopes(&["orders:write", "orders:admin"])?;
    /// let layer = ResourceServer::new(protection, tokens)?
    ///     .layer()
    ///     .tool("list_orders", [""; 0])?
    ///     .tool("cancel_order", ["orders:write"])?
    ///     .other_tools(["orders:admin"])?;
    /// # drop(layer);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ProtectionError`] when the resource does not have one of the scopes, or the tool is given twice.
    pub fn tool(mut self, name: impl Into<String>, scopes: impl IntoScopes) -> Result<Self, ProtectionError> {
        let scopes = self.own_scopes(scopes)?;
        self.tools.get_or_insert_default().add(name.into(), scopes)?;
        Ok(self)
    }

    /// Sets the scopes of every tool that [`tool`](Self::tool) does not name. Defaults to none.
    ///
    /// Without it, a tool that is added to the service later can be called with the scopes of every request.
    ///
    /// # Errors
    /// [`ProtectionError`] when the resource does not have one of the scopes.
    pub fn other_tools(mut self, scopes: impl IntoScopes) -> Result<Self, ProtectionError> {
        let scopes = self.own_scopes(scopes)?;
        self.tools.get_or_insert_default().set_others(scopes);
        Ok(self)
    }

    fn own_scopes(&self, scopes: impl IntoScopes) -> Result<Vec<&'static str>, ProtectionError> {
        let resource = self.gate.protected_resource();
        scopes.into_scopes().iter().map(|scope| Ok(resource.own_scope(scope)?.1)).collect()
    }
}

impl<V: TokenVerifier> BearerLayer<V> {
    /// Decides about a request. Returns the token, and the body for the service.
    async fn admit<B: RequestBody>(
        &self,
        parts: &mut Parts,
        mut body: B,
    ) -> Result<(Option<AccessToken>, BearerBody<B>), Response<Bytes>> {
        if let Some(response) = self.metadata.respond(parts) {
            return Err(self.refuse(response, body, parts, OF_A_STRANGER));
        }
        let caller = match self.gate.admit(parts).await {
            Ok(caller) => caller,
            Err(response) => return Err(self.refuse(response, body, parts, OF_A_STRANGER)),
        };
        let of_a_caller = of_a_caller(self.limits.body_bytes);
        // The body is not read for a caller who lacks a scope of every request.
        let is_sufficient = self.gate.satisfies(caller.token(), &self.required);
        let Some(tools) = self.tools.as_ref().filter(|_| is_sufficient && has_message(&parts.method)) else {
            return match self.gate.authorize(caller, AuditTarget::default(), Some(&self.required)) {
                Ok(token) => Ok((token, BearerBody::inner(body))),
                Err(response) => Err(self.refuse(*response, body, parts, of_a_caller)),
            };
        };
        if let Err(response) = check_head(&parts.headers) {
            return Err(self.refuse(*response, body, parts, of_a_caller));
        }
        let mut permit = Some(|| self.budget.buffered.empty(Some(self.budget.key(Account::of(caller.token())))));
        let permits = || permit.take().map(|permit| permit());
        let whole = match read(&mut body, &self.limits, permits).await {
            Ok(whole) => whole,
            Err(BodyRefusal { response, has_begun }) => {
                let remainder = BodyRemainder::new(body, parts, of_a_caller, self.limits.body_timeout);
                let remainder = BodyRemainder { is_coming: remainder.is_coming || has_begun, ..remainder };
                return Err(remainder.discard_after(response));
            }
        };
        let token =
            self.authorize(tools, caller, &unmarked(whole.clone()), &parts.headers).map_err(|refused| *refused)?;
        Ok((token, BearerBody::whole(whole)))
    }

    /// Decides about the messages of an admitted caller.
    fn authorize(
        &self,
        tools: &ToolScopes,
        caller: Admitted,
        body: &Bytes,
        headers: &HeaderMap,
    ) -> Result<Option<AccessToken>, Rejection> {
        let messages = read_messages(body, headers, &self.limits)
            .map_err(|unreadable| failure(StatusCode::BAD_REQUEST, unreadable.id, &unreadable.error))?;
        let required = self.required.scopes();
        let needs = messages.iter().map(|message| (message, union(required, tools.of_message(message))));
        let needs: Vec<_> = needs.collect();
        // The decision about a batch is that about the message for which the caller lacks something, or else the first.
        let lacking = needs.iter().find(|(_, needed)| !self.gate.satisfies(caller.token(), needed));
        let decisive = lacking.or(needs.first());
        let target = decisive.map_or_else(AuditTarget::default, |(message, _)| match message {
            Message::Request(request) => request.into(),
            other => AuditTarget { id: other.id(), method: other.method(), request: None },
        });
        let needed = decisive.map_or(&self.required, |(_, needed)| needed);
        self.gate.authorize(caller, target, Some(needed))
    }

    /// Adds the nonce for the next proof of the client, if it needs one.
    fn with_nonce<R>(&self, mut response: Response<R>) -> Response<R> {
        if let Some(nonce) = self.gate.nonce() {
            add_nonce(response.headers_mut(), nonce);
        }
        response
    }

    /// Refuses a request, whose client may still send the body.
    fn refuse<B: RequestBody>(
        &self,
        response: Response<Bytes>,
        body: B,
        parts: &Parts,
        limit: usize,
    ) -> Response<Bytes> {
        BodyRemainder::new(body, parts, limit, self.limits.body_timeout).discard_after(response)
    }
}

/// Returns `true` if a request with this method has a message as its body.
///
/// A method that no version of the protocol uses may have one, too.
fn has_message(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::DELETE | Method::OPTIONS)
}

/// Refuses a body that the service may read in another way than the layer.
fn check_head(headers: &HeaderMap) -> Result<(), Rejection> {
    if !has_json_body(headers) {
        return Err(not_json().into());
    }
    if is_encoded(headers) { Err(unsupported_encoding().into()) } else { Ok(()) }
}

/// Returns the scopes of both lists, each once.
fn union(some: &[&'static str], others: &[&'static str]) -> RequiredScopes {
    let mut scopes = some.to_vec();
    scopes.extend(others.iter().filter(|scope| !some.contains(scope)));
    RequiredScopes::Composed(scopes.into())
}

impl<V> Clone for BearerLayer<V> {
    fn clone(&self) -> Self {
        Self {
            gate: self.gate.share(),
            metadata: Arc::clone(&self.metadata),
            limits: self.limits.clone(),
            budget: Arc::clone(&self.budget),
            required: self.required.clone(),
            tools: self.tools.clone(),
        }
    }
}

/// Prints neither the verifier nor the audit hook.
impl<V> fmt::Debug for BearerLayer<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BearerLayer")
            .field("resource", &self.gate.protected_resource().url)
            .field("required", &self.required.scopes())
            .field("tools", &self.tools)
            .finish_non_exhaustive()
    }
}

impl<S, V> Layer<S> for BearerLayer<V> {
    type Service = BearerService<S, V>;

    fn layer(&self, inner: S) -> BearerService<S, V> {
        BearerService { inner, layer: Arc::new(self.clone()) }
    }
}

/// A service behind a [`BearerLayer`].
pub struct BearerService<S, V> {
    inner: S,
    layer: Arc<BearerLayer<V>>,
}

impl<S, V, B, R> Service<Request<B>> for BearerService<S, V>
where
    S: Service<Request<BearerBody<B>>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    V: TokenVerifier,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    R: Send,
{
    type Response = Response<BearerBody<R>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<BearerBody<R>>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The service that is ready is called, and not its clone.
        let inner = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, inner);
        let layer = Arc::clone(&self.layer);
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let (token, body) = match layer.admit(&mut parts, body).await {
                Ok(admitted) => admitted,
                Err(response) => return Ok(layer.with_nonce(response.map(BearerBody::whole))),
            };
            let expires_at = token.as_ref().and_then(|token| token.expires_at);
            if let Some(token) = token.clone() {
                parts.extensions.insert(token);
            }
            let request = Request::from_parts(parts, body);
            let response = with_token(token, async { inner.call(request).await }).await?;
            Ok(layer.with_nonce(match expires_at {
                Some(time) if is_stream(response.headers()) => {
                    response.map(|body| BearerBody::stream(body, Expiry::at(time)))
                }
                _ => response.map(BearerBody::inner),
            }))
        })
    }
}

fn is_stream(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| media_type(value).eq_ignore_ascii_case("text/event-stream"))
}

impl<S: Clone, V> Clone for BearerService<S, V> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), layer: Arc::clone(&self.layer) }
    }
}

impl<S: fmt::Debug, V> fmt::Debug for BearerService<S, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BearerService").field("inner", &self.inner).field("layer", &self.layer).finish()
    }
}
