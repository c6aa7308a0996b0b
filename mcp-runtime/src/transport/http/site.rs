//! The routes of one server, and the two ways to mount them: into an axum app, or alone.

use std::borrow::Cow;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use mcp_core::Resource;

use super::body::ResponseBody;
use super::endpoint::{Endpoint, RequestBody, Responding};
use super::metadata::Metadata;
use super::sessions::Sessions;
#[cfg(feature = "testing")]
use crate::auth::ProtectedResource;
use crate::auth::guard::Gate;
#[cfg(feature = "testing")]
use crate::server::Catalog;

pub(crate) struct Site<G> {
    pub(crate) path: Cow<'static, str>,
    pub(super) endpoint: Arc<Endpoint<G>>,
    pub(super) metadata: Option<(Cow<'static, str>, Arc<Metadata>)>,
}

impl<G: Gate> Site<G> {
    pub(super) fn into_router(self) -> axum::Router {
        // A path segment may start with `:` or `*`, which axum reserved up to 0.7.
        let router = axum::Router::new().without_v07_checks().route_service(&self.path, EndpointService(self.endpoint));
        match self.metadata {
            None => router,
            Some((path, metadata)) => router.route_service(&path, MetadataService(metadata)),
        }
    }

    /// What is offered.
    #[cfg(feature = "testing")]
    pub(crate) fn catalog(&self) -> Arc<Catalog> {
        self.endpoint.service.catalog()
    }

    /// What is protected, if anything is.
    #[cfg(feature = "testing")]
    pub(crate) fn resource(&self) -> Option<&ProtectedResource> {
        self.endpoint.gate.resource()
    }

    /// What is live in sessions.
    pub(super) fn sessions(&self) -> Arc<Sessions> {
        Arc::clone(&self.endpoint.sessions)
    }

    /// Routes a request when there is no app around.
    pub(crate) fn handle<B: RequestBody>(&self, request: Request<B>) -> Handling {
        let path = request.uri().path();
        if path == self.path {
            return Handling::Endpoint(self.endpoint.handle(request));
        }
        Handling::Known(Some(Box::new(match &self.metadata {
            // Some clients do not insert the path of the resource.
            Some((metadata_path, metadata)) if path == metadata_path || path == Resource::WELL_KNOWN => {
                metadata.respond(request.method(), request.headers()).map(ResponseBody::from)
            }
            _ => {
                let mut response = Response::new(ResponseBody::from(Bytes::new()));
                *response.status_mut() = StatusCode::NOT_FOUND;
                response
            }
        })))
    }
}

/// A response on its way. It is small, because a connection has room for one as long as it lives.
pub(crate) enum Handling {
    Endpoint(Responding),
    /// Taken when it is given out.
    Known(Option<Box<Response<ResponseBody>>>),
}

impl Future for Handling {
    type Output = Result<Response<ResponseBody>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Endpoint(responding) => Pin::new(responding).poll(cx).map(Ok),
            Self::Known(response) => response.take().map_or(Poll::Pending, |response| Poll::Ready(Ok(*response))),
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
