//! The routes of one server.

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
    /// What is offered.
    #[cfg(feature = "testing")]
    pub(crate) fn catalog(&self) -> Arc<Catalog> {
        self.endpoint.service.catalog()
    }

    /// What is protected, if anything is.
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
