//! Borrowed parameters of methods and guards: parts of the request.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::request::{FromRequest, Request};
use crate::auth::{AccessToken, DeclaredTarget};
#[cfg(feature = "exchange")]
use crate::auth::{Downstream, InboundToken, Target};
use crate::protocol::denied::Denied;
use crate::server::Protected;
use crate::server::context;
use crate::server::declare::item::ItemId;
use crate::server::declare::rows::PartOfRequest;

/// A parameter of a method of the block of `S`, by reference.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not something that a request carries",
    label = "a borrowed parameter comes from the request",
    note = "to make it from the request, implement `mcp::FromRequest` for the type behind the `&`",
    note = "from every request come `&mcp::Context`, `&mcp::ItemId`, `&mcp::AccessToken`, `Option<&mcp::AccessToken>` and `&http::request::Parts`",
    note = "for an argument that the client gives, take an owned type, without the `&`",
    note = "what the server has, such as a database, is a field of it: take it from `self`"
)]
pub trait Injected<'r, S>: Sized {
    /// The part of the request, for the row of the item.
    const PART: PartOfRequest;

    /// Makes the parameter.
    fn inject(request: Request<'r>) -> Injection<'r, Self>;

    /// Returns the parameter, which was made before.
    fn injected(request: Request<'r>) -> Result<Self, Denied>;
}

impl<'r, S, T: Reference<'r>> Injected<'r, S> for T
where
    T::To: RequestPart,
    S: Carries<T::Demand<<T::To as RequestPart>::From>>,
{
    const PART: PartOfRequest = PartOfRequest { is_made: T::To::IS_MADE, target: T::To::TARGET };

    #[inline]
    fn inject(request: Request<'r>) -> Injection<'r, Self> {
        T::To::inject(request)
    }

    #[inline]
    fn injected(request: Request<'r>) -> Result<Self, Denied> {
        T::of(T::To::found(request))
    }
}

/// A parameter of a guard of the block of `S`, by reference.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not something that a request carries",
    label = "a borrowed parameter comes from the request",
    note = "to make it from the request, implement `mcp::FromRequest` for the type behind the `&`",
    note = "from every request come `&mcp::ItemId`, `&mcp::AccessToken`, `Option<&mcp::AccessToken>` and `&http::request::Parts`",
    note = "for an argument of the item, take an owned type, without the `&`",
    note = "what the server has, such as a database, is a field of it: take it from `self`"
)]
pub trait GuardParameter<'r, S>: Sized {
    /// Set if the parameter is the item.
    const IS_ITEM: bool;

    /// Makes the parameter.
    fn inject(request: Request<'r>) -> Injection<'r, Self>;
}

impl<'r, S, T: Reference<'r>> GuardParameter<'r, S> for T
where
    T::To: RequestPart,
    S: Carries<T::Demand<<T::To as RequestPart>::From>>,
    <T::To as RequestPart>::From: BeforeVerdict,
{
    const IS_ITEM: bool = T::To::IS_ITEM;

    fn inject(request: Request<'r>) -> Injection<'r, Self> {
        T::To::inject(request)
    }
}

/// The future of a borrowed parameter.
///
/// A named type, because rustc checks it for every lifetime, and that of a trait has conditions on it.
pub enum Injection<'r, T> {
    /// A part that needs no work. Absent once it was given.
    Ready(Option<Result<T, Denied>>),
    Making(Pin<Box<dyn Future<Output = Result<T, Denied>> + Send + 'r>>),
}

impl<T: Unpin> Future for Injection<'_, T> {
    type Output = Result<T, Denied>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Ready(found) => found.take().map_or(Poll::Pending, Poll::Ready),
            Self::Making(future) => future.as_mut().poll(cx),
        }
    }
}

impl<T> fmt::Debug for Injection<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Injection").finish_non_exhaustive()
    }
}

/// A form of a borrowed parameter: `&T` or `Option<&T>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not something that a request carries",
    label = "a borrowed parameter comes from the request",
    note = "from the request come `&T` and `Option<&T>` of a type that implements `mcp::FromRequest`, and of `mcp::AccessToken`, `mcp::Context` and `http::request::Parts`",
    note = "for an argument that the client gives, take an owned type, without the `&`",
    note = "what the server has, such as a database, is a field of it: take it from `self`"
)]
pub trait Reference<'r>: Sized {
    type To: 'r;
    /// The source that a server must have, for a part that comes from `F`.
    type Demand<F>;

    fn of(found: Result<&'r Self::To, Denied>) -> Result<Self, Denied>;
}

#[diagnostic::do_not_recommend]
impl<'r, T: 'r> Reference<'r> for &'r T {
    type To = T;
    type Demand<F> = F;

    #[inline]
    fn of(found: Result<&'r T, Denied>) -> Result<Self, Denied> {
        found
    }
}

/// `None` is only what an extractor says to be absent: a failure does not make somebody a stranger.
#[diagnostic::do_not_recommend]
impl<'r, T: 'r> Reference<'r> for Option<&'r T> {
    type To = T;
    type Demand<F> = FromAnyone;

    #[inline]
    fn of(found: Result<&'r T, Denied>) -> Result<Self, Denied> {
        match found {
            Ok(part) => Ok(Some(part)),
            Err(denied) if denied.is_absent() => Ok(None),
            Err(denied) => Err(denied),
        }
    }
}

impl<'r> Request<'r> {
    /// Makes a value from the request, or returns the one that was made before.
    ///
    /// # Errors
    /// Those of the type's [`from_request`](FromRequest::from_request).
    pub async fn extract<T: FromRequest>(self) -> Result<&'r T, Denied> {
        T::inject(self).await
    }
}

/// A type of which requests have a value.
pub trait RequestPart: Sized + Send + Sync + 'static {
    /// The source of the value, which not every server has.
    type From;
    /// Set if the server makes the value, which takes time.
    const IS_MADE: bool = false;
    /// Set for the item of a request.
    const IS_ITEM: bool = false;
    /// The API whose tokens the value gets.
    const TARGET: Option<&'static DeclaredTarget> = None;

    /// Returns the value, if it needs no work or was made before.
    fn found(request: Request<'_>) -> Result<&Self, Denied>;

    /// Returns the value, and makes it if this is the first use.
    #[inline]
    fn inject<'r, R: Reference<'r, To = Self>>(request: Request<'r>) -> Injection<'r, R> {
        Injection::Ready(Some(R::of(Self::found(request))))
    }
}

/// The source of the parts that every request may have.
#[derive(Debug)]
pub enum FromAnyone {}

/// The source of access tokens.
#[derive(Debug)]
pub enum FromToken {}

/// The source of contexts, which only methods have.
#[derive(Debug)]
pub enum FromMethod {}

/// The source of tokens for other APIs, which only methods have.
#[cfg(feature = "exchange")]
#[derive(Debug)]
pub enum FromExchange {}

/// A server whose requests have parts of a source.
#[diagnostic::on_unimplemented(
    message = "requests to `{Self}` carry no access token",
    label = "`{Self}` is an open server",
    note = "to protect it, write `#[mcp::server(issuer = \"https://auth.example.com\", resource = \"https://mcp.example.com/mcp\")]`",
    note = "where a token may be absent, take `Option<&mcp::AccessToken>`"
)]
pub trait Carries<From> {}

#[diagnostic::do_not_recommend]
impl<S> Carries<FromAnyone> for S {}

#[diagnostic::do_not_recommend]
impl<S> Carries<FromMethod> for S {}

#[diagnostic::do_not_recommend]
impl<S: Protected> Carries<FromToken> for S {}

#[cfg(feature = "exchange")]
#[diagnostic::do_not_recommend]
impl<S: Protected> Carries<FromExchange> for S {}

/// A source that is there before the verdict about a request.
#[diagnostic::on_unimplemented(
    message = "a guard can't take this parameter",
    label = "before the verdict, no client is asked and no other API is called",
    note = "what a guard needs of the request comes from `&mcp::AccessToken`, or from a type that implements `mcp::FromRequest`"
)]
pub trait BeforeVerdict {}

#[diagnostic::do_not_recommend]
impl BeforeVerdict for FromAnyone {}

#[diagnostic::do_not_recommend]
impl BeforeVerdict for FromToken {}

impl<T: FromRequest> RequestPart for T {
    type From = FromAnyone;
    const IS_MADE: bool = true;

    fn found(request: Request<'_>) -> Result<&Self, Denied> {
        match request.extracted.find::<T>() {
            Some(Ok(value)) => Ok(value),
            Some(Err(absence)) => Err(Denied::absent(absence.clone())),
            None => Err("a part of the request was not made before it was used".into()),
        }
    }

    fn inject<'r, R: Reference<'r, To = Self>>(request: Request<'r>) -> Injection<'r, R> {
        if request.extracted.find::<T>().is_some() {
            return Injection::Ready(Some(R::of(Self::found(request))));
        }
        Injection::Making(Box::pin(async move {
            let made = match T::from_request(&request).await.map_err(Denied::into_absence) {
                Ok(value) => Ok(value),
                Err(Ok(absence)) => Err(absence),
                Err(Err(denied)) => return Err(denied),
            };
            request.extracted.insert::<T>(made);
            R::of(Self::found(request))
        }))
    }
}

#[diagnostic::do_not_recommend]
impl RequestPart for AccessToken {
    type From = FromToken;

    #[inline]
    fn found(request: Request<'_>) -> Result<&Self, Denied> {
        request.token.ok_or_else(|| Denied::absent("This needs an access token, which only requests over HTTP carry"))
    }
}

/// The tokens are exchanged when the method asks for one.
#[cfg(feature = "exchange")]
#[diagnostic::do_not_recommend]
impl<T: Target> RequestPart for Downstream<T> {
    type From = FromExchange;
    const TARGET: Option<&'static DeclaredTarget> = Some(Self::TARGET);

    fn found(request: Request<'_>) -> Result<&Self, Denied> {
        let absent = || {
            Denied::absent(
                "This needs an access token to exchange, which only requests over HTTP to a protected server have",
            )
        };
        if request.extracted.find::<Self>().is_none() {
            let inbound = request.parts.and_then(|parts| parts.extensions.get::<InboundToken>());
            let made = inbound.zip(request.token).and_then(|(inbound, token)| Self::new(inbound, token));
            request.extracted.insert::<Self>(Ok(made.ok_or_else(absent)?));
        }
        request.extracted.find::<Self>().and_then(|found| found.as_ref().ok()).ok_or_else(absent)
    }
}

#[diagnostic::do_not_recommend]
impl RequestPart for context::Context {
    type From = FromMethod;

    #[inline]
    fn found(request: Request<'_>) -> Result<&Self, Denied> {
        request.context.ok_or_else(|| Denied::absent("This has no context, because no method runs"))
    }
}

#[diagnostic::do_not_recommend]
impl RequestPart for ItemId {
    type From = FromAnyone;
    const IS_ITEM: bool = true;

    #[inline]
    fn found(request: Request<'_>) -> Result<&Self, Denied> {
        request.item.ok_or_else(|| Denied::absent("This is about many items"))
    }
}

/// The head of the HTTP request, without its `Authorization` header.
///
/// A server must not pass the token on, and does not need to check it again.
#[cfg(feature = "http")]
#[diagnostic::do_not_recommend]
impl RequestPart for http::request::Parts {
    type From = FromAnyone;

    #[inline]
    fn found(request: Request<'_>) -> Result<&Self, Denied> {
        request.parts.ok_or_else(|| Denied::absent("This can only be asked for over HTTP"))
    }
}
