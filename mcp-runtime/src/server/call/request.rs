//! The request as a server sees it before anything runs: the source of borrowed parameters.

use std::fmt;

use crate::auth::AccessToken;
use crate::protocol::denied::Denied;
use crate::server::context::Context;
use crate::server::context::extracted::Extracted;
use crate::server::context::request::{Caller, RequestContext};
use crate::server::declare::item::ItemId;
use crate::server::shared::Shared;

/// A type that a server makes from a request, such as its own idea of the caller.
///
/// Tools, resources, prompts, completions and guards take such a type by reference. It is made once for each request,
/// before the first method that takes it, and shared by all of them. The method can keep the reference across `await`s.
/// A value of its own decides before if a caller may know a `hidden` item, as for a list.
///
/// ```
/// use mcp::{AccessToken, Denied, FromRequest, Request};
/// # struct Db;
/// # impl Db {
/// #     async fn role(&self, subject: &str) -> Result<String, std::io::Error> { Ok(subject.to_owned()) }
/// # }
///
/// struct Tracker {
///     db: Db,
/// }
///
/// /// The caller, as this server knows them.
/// struct Caller {
///     role: String,
/// }
///
/// impl FromRequest for Caller {
///     async fn from_request(request: &Request<'_>) -> Result<Self, Denied> {
///         let token = request.token().ok_or(Denied::absent("this needs an access token"))?;
///         let server = request.server::<Tracker>().ok_or("a request to another server")?;
///         Ok(Self { role: server.db.role(&token.client_id).await? })
///     }
/// }
///
/// #[mcp::server]
/// impl Tracker {
///     /// Says what the caller may do.
///     #[mcp::tool]
///     async fn role(&self, caller: &Caller) -> String {
///         caller.role.clone()
///     }
///
///     /// Greets everyone.
///     #[mcp::tool]
///     async fn greet(&self, caller: Option<&Caller>) -> String {
///         caller.map_or("Hello".to_owned(), |caller| format!("Hello, {}", caller.role))
///     }
/// }
/// ```
///
/// # Errors
/// [`Denied::absent`] means that the request has no such thing: `Option<&T>` is `None`, and `&T` is a denial. Any other
/// error refuses the request in both forms. `?` on an error, such as that of a database, means that nobody could decide:
/// the client gets a 503, and the error is logged with an id.
#[diagnostic::on_unimplemented(
    message = "`&{Self}` is not something that a request carries",
    label = "a borrowed parameter comes from the request",
    note = "to make it from the request, implement `mcp::FromRequest` for `{Self}`",
    note = "from every request come `&mcp::Context`, `&mcp::ItemId`, `&mcp::AccessToken`, `Option<&mcp::AccessToken>` and `&http::request::Parts`",
    note = "for an argument that the client gives, take an owned type, without the `&`",
    note = "what the server has, such as a database, is a field of it: take it from `self`"
)]
pub trait FromRequest: Sized + Send + Sync + 'static {
    /// Makes the value from a request.
    fn from_request(request: &Request<'_>) -> impl Future<Output = Result<Self, Denied>> + Send;
}

/// A request, as far as a [`FromRequest`] sees it.
///
/// It is not the [`Context`] of a method: before the verdict about a request, nothing is asked or told.
#[derive(Clone, Copy)]
pub struct Request<'r> {
    pub(super) token: Option<&'r AccessToken>,
    #[cfg(feature = "http")]
    pub(super) parts: Option<&'r http::request::Parts>,
    /// The item, if the request is about a single one.
    pub(super) item: Option<&'r ItemId>,
    /// The running server.
    pub(super) shared: &'r Shared,
    pub(super) extracted: &'r Extracted,
    /// The context of a method. Absent while no method runs.
    pub(super) context: Option<&'r Context>,
}

impl<'r> Request<'r> {
    #[inline]
    pub(in crate::server) fn of(request: &'r RequestContext) -> Self {
        Self {
            token: request.token(),
            #[cfg(feature = "http")]
            parts: request.context.parts.as_deref(),
            item: request.item.as_ref(),
            shared: request.context.shared(),
            extracted: &request.extracted,
            context: Some(&request.context),
        }
    }

    /// Makes the request of a caller before its context is there, and its item is settled.
    pub(super) fn of_caller(caller: &'r Caller, shared: &'r Shared, extracted: &'r Extracted) -> Self {
        Self {
            token: caller.token.as_ref(),
            #[cfg(feature = "http")]
            parts: caller.parts.as_deref(),
            item: None,
            shared,
            extracted,
            context: None,
        }
    }

    /// Returns the server, also in a request to one of its parts.
    ///
    /// It is `None` if `S` is not the type of the server that got the request.
    #[must_use]
    pub fn server<S: Send + Sync + 'static>(&self) -> Option<&'r S> {
        self.shared.server().downcast_ref()
    }

    /// Returns the item that the request is about. Lists of items have none.
    ///
    /// It is what the server declares, whatever the spelling of a URI in the request.
    #[must_use]
    pub fn item(&self) -> Option<&'r ItemId> {
        self.item
    }

    /// Returns the access token. Requests to open servers, over stdio and in memory may have none.
    #[must_use]
    pub fn token(&self) -> Option<&'r AccessToken> {
        self.token
    }

    /// Returns the head of the HTTP request, without its `Authorization` header.
    ///
    /// Other transports have none. For a change that is told to a subscriber, it is the head of the request that
    /// subscribed.
    #[cfg(feature = "http")]
    #[must_use]
    pub fn parts(&self) -> Option<&'r http::request::Parts> {
        self.parts
    }
}

/// The output contains nothing that the client sent.
impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("token", &self.token).finish_non_exhaustive()
    }
}
