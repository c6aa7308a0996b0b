//! Mounting a server into an axum app.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Response;

use super::Http;
use super::body::ResponseBody;
use super::endpoint::Endpoint;
use super::metadata::Metadata;
use super::site::Handling;
use crate::auth::guard::Gate;
use crate::server::Server;

#[expect(private_bounds, reason = "the two gates are chosen by the constructors")]
impl<S: Server, G: Gate> Http<S, G> {
    /// The endpoint and the metadata document as routes, to be merged into an app.
    ///
    /// Layers, fallbacks and the root of the app stay its own. Merge it at the root: `nest` would move the endpoint and
    /// the metadata away from where the `resource` says that they are. The path of the resource must be free in the app,
    /// or axum panics when they are merged.
    ///
    /// It needs the feature `axum`, which is on by default.
    ///
    /// Set `TCP_NODELAY` on the connections, as below: [`serve`](Self::serve) does it, but `axum::serve` does not, and then an
    /// event of a stream can wait for some 40 ms, until the client has acknowledged what was sent before it. Nor does
    /// `axum::serve` limit how slowly a client may send the head of its request: leave that to a proxy. When the app stops,
    /// call [`Changes::close`](crate::Changes::close) before it waits for its connections: streams for changes have no end
    /// of their own.
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
    /// When the verifier was made for another resource or for other issuers than the server has, and so would refuse good
    /// tokens.
    #[track_caller]
    #[expect(clippy::panic, reason = "there is no server to go on with, and it can only be seen when it is built")]
    pub fn router(self) -> axum::Router {
        let site = match self.into_site(false) {
            Ok(site) => site,
            Err(foreign) => panic!("{foreign}"),
        };
        // A path segment may start with `:` or `*`, which axum reserved up to 0.7.
        let router = axum::Router::new().without_v07_checks().route_service(&site.path, EndpointService(site.endpoint));
        match site.metadata {
            None => router,
            Some((path, metadata)) => router.route_service(&path, MetadataService(metadata)),
        }
    }
}

struct EndpointService<G>(Arc<Endpoint<G>>);

impl<G> Clone for EndpointService<G> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<G: Gate> tower_service::Service<axum::extract::Request> for EndpointService<G> {
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = Handling;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: axum::extract::Request) -> Handling {
        Handling::Endpoint(self.0.handle(request))
    }
}

#[derive(Clone)]
struct MetadataService(Arc<Metadata>);

impl tower_service::Service<axum::extract::Request> for MetadataService {
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: axum::extract::Request) -> Self::Future {
        std::future::ready(Ok(self.0.respond(request.method(), request.headers()).map(ResponseBody::from)))
    }
}
