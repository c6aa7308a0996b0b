//! Mounting a server into an axum app.

use std::convert::Infallible;
use std::sync::{Arc, Once};
use std::task::{Context, Poll};

use axum::extract::{NestedPath, Request};
use http::{Response, StatusCode};

use super::site::{MetadataRoutes, SiteFuture};
use crate::auth::gate::Gate;
use crate::protocol::error::Error;
use crate::server::Server;
use crate::transport::http::Http;
use crate::transport::http::endpoint::Endpoint;
use crate::transport::http::response::body::ResponseBody;
use crate::transport::http::response::failure;
use crate::transport::http::response::metadata::Metadata;

#[expect(private_bounds, reason = "the two gates are chosen by the constructors")]
impl<S: Server, G: Gate> Http<S, G> {
    /// Returns the endpoint and the metadata document as routes of an app.
    ///
    /// Layers, fallbacks and the root of the app stay its own. The path of the resource must be free in the app, or axum
    /// panics when they are merged.
    ///
    /// Merge the routes of a protected server, and put a prefix into the path of its `resource`. Set
    /// [`path`](Self::path) if a proxy strips a prefix. `nest` would move the endpoint and the metadata away from their
    /// published addresses. Every request to nested routes therefore gets a 500, and an error in the log names the fix.
    /// An open server may be nested.
    ///
    /// It needs the feature `axum`, which is on by default.
    ///
    /// Set `TCP_NODELAY` on the connections, as below. [`serve`](Self::serve) does it, but `axum::serve` does not.
    /// Without it, an event of a stream can wait until the client has acknowledged the previous one (some 40 ms).
    /// `axum::serve` does not limit the time for the head of a request either; leave that to a proxy. When the app
    /// stops, call [`Changes::close`](crate::Changes::close) before it waits for its connections, because streams for
    /// changes do not end by themselves.
    ///
    /// ```no_run
    /// use axum::serve::ListenerExt as _;
    ///
    /// # struct Calculator;
    /// # #[mcp::server]
    /// # impl Calculator {
    /// #     /// Add two numbers.
    /// #     #[mcp::tool]
    /// #     fn add(&self, a: i64, b: i64) -> i64 { a + b }
    /// # }
    /// # #[tokio::main]
    /// # async fn main() -> std::io::Result<()> {
    /// let app = axum::Router::new()
    ///     .route("/health", axum::routing::get(|| async { "ok" }))
    ///     .merge(mcp::Http::open(Calculator).router());
    /// let listener = tokio::net::TcpListener::bind("127.0.0.1:8000").await?.tap_io(|stream| {
    ///     if let Err(error) = stream.set_nodelay(true) {
    ///         eprintln!("TCP_NODELAY was not set: {error}");
    ///     }
    /// });
    /// axum::serve(listener, app).await
    /// # }
    /// ```
    ///
    /// # Panics
    /// The verifier was made for another resource or for other issuers than the server has, and so would refuse good
    /// tokens.
    #[track_caller]
    #[expect(clippy::panic, reason = "there is no server to go on with, and it can only be seen when it is built")]
    pub fn router(self) -> axum::Router {
        let site = match self.into_site(false) {
            Ok(site) => site,
            Err(foreign) => panic!("{foreign}"),
        };
        let place = site.resource().map(|resource| Arc::new(Place::of(&resource.url)));
        let endpoint = EndpointService { endpoint: site.endpoint, place: place.clone() };
        // A path segment may start with `:` or `*`, which axum reserved up to 0.7.
        let router = axum::Router::new().without_v07_checks().route_service(&site.path, endpoint);
        match site.metadata {
            None => router,
            Some(metadata) => metadata.add_to(router, place),
        }
    }
}

impl MetadataRoutes {
    /// Adds the routes of the document to a router, with the place of the resource, if that matters.
    fn add_to(&self, router: axum::Router, place: Option<Arc<Place>>) -> axum::Router {
        let service = MetadataService { metadata: Arc::clone(&self.document), place };
        self.paths.iter().fold(router, |router, path| router.route_service(path, service.clone()))
    }

    /// Returns the routes of the document of `resource`.
    pub(in crate::transport::http) fn router(&self, resource: &str) -> axum::Router {
        self.add_to(axum::Router::new().without_v07_checks(), Some(Arc::new(Place::of(resource))))
    }
}

/// The router that an [`Http`] is not. Never implemented, for its message alone.
#[diagnostic::on_unimplemented(
    message = "this is a method of `axum::Router`, and `{Self}` is not one yet",
    label = "call `router()` first",
    note = "write `.router()` in front of it, such as `mcp::Http::open(server).router().layer(…)`"
)]
pub trait AxumRouter {
    #[doc(hidden)]
    fn into_router(self) -> axum::Router;
}

/// Methods of a router that are looked for here, which can't be called.
impl<S, G> Http<S, G> {
    #[doc(hidden)]
    pub fn merge<R>(self, _router: R) -> axum::Router
    where
        Self: AxumRouter,
    {
        self.into_router()
    }

    #[doc(hidden)]
    pub fn nest<R>(self, _path: &str, _router: R) -> axum::Router
    where
        Self: AxumRouter,
    {
        self.into_router()
    }

    #[doc(hidden)]
    pub fn route<M>(self, _path: &str, _method_router: M) -> axum::Router
    where
        Self: AxumRouter,
    {
        self.into_router()
    }
}

/// The place that the resource of a protected server names.
struct Place {
    resource: String,
    is_logged: Once,
}

impl Place {
    fn of(resource: &str) -> Self {
        Self { resource: resource.to_owned(), is_logged: Once::new() }
    }

    /// Returns the answer to a request to routes that were nested, and so are somewhere else.
    fn refuse(&self, request: &Request) -> Option<Response<ResponseBody>> {
        let nested = request.extensions().get::<NestedPath>()?;
        self.is_logged.call_once(|| {
            tracing::error!(
                nested_at = nested.as_str(),
                resource = self.resource,
                "nothing is served, because the routes of a protected server were nested, and so are not where its \
                 `resource` is; write `.merge(http.router())` in place of `.nest(…)`, and put the prefix into the path of \
                 `resource`, in `#[mcp::server]` or with `Protection::resource`"
            );
        });
        let error = Error::internal("This server is mounted at another path than that of its resource");
        Some(failure(StatusCode::INTERNAL_SERVER_ERROR, None, &error).map(ResponseBody::from))
    }
}

struct EndpointService<G> {
    endpoint: Arc<Endpoint<G>>,
    /// `None` for an open server, which may be anywhere.
    place: Option<Arc<Place>>,
}

impl<G> Clone for EndpointService<G> {
    fn clone(&self) -> Self {
        Self { endpoint: Arc::clone(&self.endpoint), place: self.place.clone() }
    }
}

impl<G: Gate> tower_service::Service<Request> for EndpointService<G> {
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = SiteFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> SiteFuture {
        match self.place.as_ref().and_then(|place| place.refuse(&request)) {
            None => SiteFuture::Endpoint(self.endpoint.handle(request, None)),
            Some(response) => SiteFuture::Known(Some(Box::new(response))),
        }
    }
}

#[derive(Clone)]
struct MetadataService {
    metadata: Arc<Metadata>,
    place: Option<Arc<Place>>,
}

impl tower_service::Service<Request> for MetadataService {
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let refused = self.place.as_ref().and_then(|place| place.refuse(&request));
        std::future::ready(Ok(refused
            .unwrap_or_else(|| self.metadata.respond(request.method(), request.headers()).map(ResponseBody::from))))
    }
}
