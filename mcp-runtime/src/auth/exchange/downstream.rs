//! The borrowed parameter with which a method gets tokens for another API.

use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex};

use http::HeaderValue;

use super::error::ExchangeError;
use super::exchanger::{Exchanger, Wish};
use crate::auth::gate::Authorization;
use crate::auth::target::{DeclaredTarget, Target};
use crate::auth::{AccessToken, TokenDigest};
use crate::lock::locked;

/// Tokens for the API `T`, in the name of the caller.
///
/// Methods take it by reference: `calendar: &Downstream<Calendar>`. The token of the caller must never be passed on (MCP,
/// "Authorization": "Token Handling"). The authorization server exchanges it for one that the API alone accepts
/// (RFC 8693). Only a server with [`Http::exchange`](crate::Http::exchange) starts with such a method.
///
/// ```
/// use mcp::{Downstream, Error, Target};
///
/// /// The calendar of the user.
/// struct Calendar;
///
/// impl Target for Calendar {
///     const RESOURCE: &str = "https://calendar.example.com";
///     const SCOPES: &[&str] = &["events:read"];
/// }
///
/// struct Assistant;
///
/// #[mcp::server(issuer = "https://auth.example.com", resource = "https://assistant.example.com/mcp")]
/// impl Assistant {
///     /// List the events of today.
///     #[mcp::tool(read_only)]
///     async fn today(&self, calendar: &Downstream<Calendar>) -> Result<String, Error> {
///         let request = http::Request::get(format!("{}/events/today", calendar.resource()))
///             .header("authorization", calendar.token().await?)
///             .body(())?;
///         // Send it with the HTTP client of your choice.
/// #       Ok(request.uri().to_string())
///     }
/// }
/// ```
///
/// # Lifetime
///
/// A token is cached by the caller's token, the API and its scopes. It is used until it expires, and never after the
/// caller's token does. Simultaneous calls share one exchange. [`TokenExchange`](crate::TokenExchange) has the limits.
///
/// # Tasks
///
/// A [task](crate::Context::start_task) continues after its request, with which the caller's token is dropped. Call
/// [`token`](Self::token) before `start_task`. Afterwards it returns that token again until it expires, and then
/// [`RequestEnded`](crate::ExchangeErrorKind::RequestEnded).
///
/// # Absence
///
/// Requests over stdio and in memory have no token. `Option<&Downstream<T>>` is `None` there, and `&Downstream<T>` is a
/// denial. A guard cannot take one.
pub struct Downstream<T> {
    inbound: InboundToken,
    digest: TokenDigest,
    caller: AccessToken,
    target: PhantomData<fn() -> T>,
}

impl<T: Target> Downstream<T> {
    /// The constants of the target, checked by the compiler.
    pub(crate) const TARGET: &'static DeclaredTarget = &DeclaredTarget::of::<T>();

    /// Prepares the tokens of a request, if it has not ended.
    pub(crate) fn new(inbound: &InboundToken, caller: &AccessToken) -> Option<Self> {
        let digest = locked(&inbound.kept.token).as_ref()?.token()?.digest();
        Some(Self { inbound: inbound.clone(), digest, caller: caller.clone(), target: PhantomData })
    }

    /// Returns a token for the API: the cached one, or that of an exchange.
    ///
    /// # Errors
    /// [`ExchangeError`], whose [kind](ExchangeError::kind) tells an outage from a refusal, and from a user who has to
    /// sign in again.
    pub async fn token(&self) -> Result<DownstreamToken, ExchangeError> {
        let resource = self.resource();
        let wish = Wish { digest: self.digest, caller: &self.caller, resource, target: Self::TARGET };
        let kept = &self.inbound.kept;
        let header = kept.exchanger.token(wish, || kept.raw()).await;
        header.map(DownstreamToken).map_err(|failure| ExchangeError::new(failure, resource))
    }

    /// Returns the URI of the API: [`Target::RESOURCE`], or what [`TokenExchangeBuilder::resource`] replaces it with.
    ///
    /// [`TokenExchangeBuilder::resource`]: crate::TokenExchangeBuilder::resource
    #[must_use]
    pub fn resource(&self) -> &str {
        let replaced = self.inbound.kept.exchanger.resources.get(&TypeId::of::<T>());
        replaced.map_or(Self::TARGET.resource, String::as_str)
    }
}

/// Shows the API, and no token.
impl<T: Target> fmt::Debug for Downstream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Downstream").field("resource", &self.resource()).finish_non_exhaustive()
    }
}

/// A token for another API, which becomes the value of one `Authorization` header.
///
/// It converts to an [`http::HeaderValue`] that is marked as sensitive, so that `.header("authorization", token)` takes it.
/// There is no other way to read it: it is neither printed, nor serialized, nor cloned.
///
/// ```
/// # async fn send<T: mcp::Target>(api: &mcp::Downstream<T>) -> Result<(), mcp::Error> {
/// let request = http::Request::get(api.resource()).header("authorization", api.token().await?).body(())?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a token does nothing until it is sent"]
pub struct DownstreamToken(HeaderValue);

impl From<DownstreamToken> for HeaderValue {
    fn from(token: DownstreamToken) -> Self {
        token.0
    }
}

/// Shows no token.
impl fmt::Debug for DownstreamToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DownstreamToken").finish_non_exhaustive()
    }
}

/// The token with which a request came, kept for the exchange alone until the request ends.
///
/// It is an extension of the request, of a type that nobody else can name. The text is part of the buffer that its
/// connection read, so that there is no further copy, and no key in the same memory would protect it better.
#[derive(Clone)]
pub(crate) struct InboundToken {
    kept: Arc<KeptToken>,
}

struct KeptToken {
    exchanger: Arc<Exchanger>,
    /// Absent once the request ended.
    token: Mutex<Option<Authorization>>,
}

impl InboundToken {
    pub(super) fn new(exchanger: Arc<Exchanger>, header: HeaderValue) -> Self {
        Self { kept: Arc::new(KeptToken { exchanger, token: Mutex::new(Authorization::of_admitted(header)) }) }
    }

    /// Drops the token, because its request ended.
    pub(crate) fn end(&self) {
        locked(&self.kept.token).take();
    }
}

impl KeptToken {
    /// Returns the text of the token.
    fn raw(&self) -> Option<String> {
        let token = locked(&self.token);
        String::from_utf8(token.as_ref()?.token()?.0.to_vec()).ok()
    }
}

impl fmt::Debug for InboundToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboundToken").finish_non_exhaustive()
    }
}
