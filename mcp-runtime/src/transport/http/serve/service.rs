//! The site as the service of a connection.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use http::header::CONNECTION;
use http::{HeaderValue, Request, Response};
use hyper::body::Incoming;
use hyper::service::Service;

use super::site::{Site, SiteFuture};
use crate::auth::gate::Gate;
use crate::transport::http::response::body::ResponseBody;

/// The service of the connections of one client address.
pub(super) struct SiteService<G> {
    pub(super) site: Arc<Site<G>>,
    pub(super) peer: SocketAddr,
    pub(super) asks_to_close: Arc<AtomicBool>,
}

impl<G> Clone for SiteService<G> {
    fn clone(&self) -> Self {
        Self { site: Arc::clone(&self.site), peer: self.peer, asks_to_close: Arc::clone(&self.asks_to_close) }
    }
}

impl<G: Gate> Service<Request<Incoming>> for SiteService<G> {
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = ServiceFuture;

    fn call(&self, request: Request<Incoming>) -> ServiceFuture {
        let response = self.site.handle(request, Some(self.peer));
        ServiceFuture { response, asks_to_close: Arc::clone(&self.asks_to_close) }
    }
}

/// A response of the site, which may end its connection.
pub(super) struct ServiceFuture {
    response: SiteFuture,
    asks_to_close: Arc<AtomicBool>,
}

impl Future for ServiceFuture {
    type Output = Result<Response<ResponseBody>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut response = ready!(Pin::new(&mut self.response).poll(cx));
        if self.asks_to_close.load(Ordering::Relaxed)
            && let Ok(response) = &mut response
        {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        Poll::Ready(response)
    }
}
