//! Parameters by reference: parts of the request.

use crate::auth::AccessToken;
use crate::protocol::error::Error;
use crate::server::context::Context;
use crate::server::context::request::RequestContext;
use crate::server::declare::wrapper::with_message;
use crate::server::{Protected, Server};

with_message! {
[
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not something that a request carries",
    label = "a borrowed parameter comes from the request",
    note = "from the request come `&mcp::Context`, `&mcp::AccessToken`, `Option<&mcp::AccessToken>` and `&http::request::Parts`",
    note = "for an argument that the client gives, take an owned type, without the `&`",
    note = "what the server has, such as a database, is a field of it: take it from `self`"
)]
]

/// A type that a method can take by reference, from the request.
pub trait FromRequest<'r, S>: Sized {
    #[doc(hidden)]
    fn from_request(request: &'r RequestContext) -> Result<Self, Error>;
}

/// A type that only requests to some servers carry, in two traits like the wrappers in `wrapper.rs`.
#[doc(hidden)]
pub trait Demanding<'r>: Sized {
    /// The server that must carry the type.
    type Of<S>;

    fn from_request(request: &'r RequestContext) -> Result<Self, Error>;
}
}

/// A server whose requests carry a token: [`Protected`] under another name, for another message.
#[diagnostic::on_unimplemented(
    message = "requests to `{Self}` carry no access token",
    label = "`{Self}` is an open server",
    note = "to protect it, write `#[mcp::server(issuer = \"https://auth.example.com\", resource = \"https://mcp.example.com/mcp\")]`",
    note = "where a token may be absent, take `Option<&mcp::AccessToken>`"
)]
pub trait Authenticated: Server {}

#[diagnostic::do_not_recommend]
impl<S: Protected> Authenticated for S {}

impl<'r, S, T: Demanding<'r>> FromRequest<'r, S> for T
where
    T::Of<S>: Authenticated,
{
    fn from_request(request: &'r RequestContext) -> Result<Self, Error> {
        <T as Demanding<'r>>::from_request(request)
    }
}

#[diagnostic::do_not_recommend]
impl<'r> Demanding<'r> for &'r AccessToken {
    type Of<S> = S;

    fn from_request(request: &'r RequestContext) -> Result<Self, Error> {
        request
            .token
            .as_ref()
            .ok_or_else(|| Error::tool("This needs an access token, which only requests over HTTP carry"))
    }
}

#[diagnostic::do_not_recommend]
impl<'r, S> FromRequest<'r, S> for Option<&'r AccessToken> {
    fn from_request(request: &'r RequestContext) -> Result<Self, Error> {
        Ok(request.token.as_ref())
    }
}

#[diagnostic::do_not_recommend]
impl<'r, S> FromRequest<'r, S> for &'r Context {
    fn from_request(request: &'r RequestContext) -> Result<Self, Error> {
        Ok(&request.context)
    }
}

/// The head of the HTTP request, without its `Authorization` header.
///
/// A server must not pass the token on, and does not need to check it again.
#[cfg(feature = "http")]
#[diagnostic::do_not_recommend]
impl<'r, S> FromRequest<'r, S> for &'r http::request::Parts {
    fn from_request(request: &'r RequestContext) -> Result<Self, Error> {
        request.context.parts.as_deref().ok_or_else(|| Error::tool("This can only be asked for over HTTP"))
    }
}

#[cfg(feature = "http")]
#[diagnostic::do_not_recommend]
impl<'r, S> FromRequest<'r, S> for Option<&'r http::request::Parts> {
    fn from_request(request: &'r RequestContext) -> Result<Self, Error> {
        Ok(request.context.parts.as_deref())
    }
}
