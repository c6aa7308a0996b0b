//! The routes of one server.

use std::borrow::Cow;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use mcp_core::Resource;

use crate::auth::ProtectedResource;
use crate::auth::gate::Gate;
use crate::budget::{AccountKey, Budget};
use crate::protocol::error::Error;
#[cfg(feature = "testing")]
use crate::server::Catalog;
use crate::throttle::Throttle;
use crate::transport::http::endpoint::Endpoint;
use crate::transport::http::request::discard::{BodyRemainder, OF_A_STRANGER};
use crate::transport::http::request::read::RequestBody;
use crate::transport::http::response::body::ResponseBody;
use crate::transport::http::response::failure;
use crate::transport::http::response::future::ResponseFuture;
use crate::transport::http::response::metadata::Metadata;
use crate::transport::http::session::live::Sessions;

pub(crate) struct Site<G> {
    pub(crate) path: Cow<'static, str>,
    /// The probe of an orchestrator, if there is one.
    pub(in crate::transport::http) readiness: Option<Arc<Readiness>>,
    pub(in crate::transport::http) endpoint: Arc<Endpoint<G>>,
    pub(in crate::transport::http) metadata: Option<MetadataRoutes>,
    /// Limits the lines in the log about requests that a proxy sends to another path.
    pub(in crate::transport::http) near_misses: Throttle,
}

/// The metadata document and its paths.
///
/// One is the well-known path of the resource (RFC 9728 §3.1), the other that of an endpoint that is mounted elsewhere.
#[derive(Clone)]
pub(in crate::transport::http) struct MetadataRoutes {
    pub(in crate::transport::http) paths: Vec<Cow<'static, str>>,
    pub(in crate::transport::http) document: Arc<Metadata>,
}

impl MetadataRoutes {
    /// Makes the document of a resource, for an endpoint that is mounted at `endpoint`.
    pub(in crate::transport::http) fn new(resource: &ProtectedResource, endpoint: &str) -> Self {
        let mut paths = vec![resource.metadata_path.clone()];
        if resource.metadata_path == Resource::WELL_KNOWN {
            // Of an origin that is written with a slash, which is the same resource.
            paths.push(format!("{}/", Resource::WELL_KNOWN).into());
        }
        if endpoint != resource.endpoint {
            let mounted = format!("{}{}", Resource::WELL_KNOWN, endpoint.strip_suffix('/').unwrap_or(endpoint));
            paths.push(mounted.into());
        }
        Self { paths, document: Arc::new(Metadata::new(resource.metadata_document())) }
    }

    /// Returns the response to a request for the document.
    pub(in crate::transport::http) fn respond(&self, parts: &Parts) -> Option<Response<Bytes>> {
        let path = parts.uri.path();
        let is_known = self.paths.iter().any(|known| known == path);
        is_known.then(|| self.document.respond(&parts.method, &parts.headers))
    }
}

impl<G: Gate> Site<G> {
    /// Returns the current offer.
    #[cfg(feature = "testing")]
    pub(crate) fn catalog(&self) -> Arc<Catalog> {
        self.endpoint.service.catalog()
    }

    /// Returns the protected resource, if there is one.
    pub(crate) fn resource(&self) -> Option<&ProtectedResource> {
        self.endpoint.gate.resource()
    }

    /// Reports to probes that the server stops.
    pub(in crate::transport::http) fn leave(&self) {
        if let Some(readiness) = &self.readiness {
            readiness.is_leaving.store(true, Ordering::Relaxed);
        }
    }

    /// Returns the limits that accounts share.
    pub(in crate::transport::http) fn budget(&self) -> &Budget {
        self.endpoint.service.shared().budget()
    }

    /// Returns the account of an address, if addresses have some.
    pub(in crate::transport::http) fn account_of_peer(&self, peer: SocketAddr) -> Option<AccountKey> {
        self.endpoint.account_of_peer(peer)
    }

    /// Returns the sessions of the endpoint.
    pub(in crate::transport::http) fn sessions(&self) -> Arc<Sessions> {
        Arc::clone(&self.endpoint.sessions)
    }

    /// Routes a request from `peer` when there is no app around.
    pub(crate) fn handle<B: RequestBody>(&self, request: Request<B>, peer: Option<SocketAddr>) -> SiteFuture {
        let path = request.uri().path();
        if path == self.path {
            return SiteFuture::Endpoint(self.endpoint.handle(request, peer));
        }
        if let Some(readiness) = &self.readiness
            && readiness.path == path
            && matches!(*request.method(), Method::GET | Method::HEAD)
        {
            return SiteFuture::Readiness(Box::pin(Arc::clone(readiness).respond(Arc::clone(&self.endpoint))));
        }
        let mut response = match &self.metadata {
            // Some clients do not insert the path of the resource.
            Some(MetadataRoutes { paths, document })
                if paths.iter().any(|known| known == path) || path == Resource::WELL_KNOWN =>
            {
                document.respond(request.method(), request.headers())
            }
            _ => {
                self.warn_of_near_miss(request.method(), path);
                let endpoint = self.resource().map_or(&*self.path, |resource| &*resource.url);
                let message = format!("There is nothing at this path; the endpoint of this MCP server is {endpoint}");
                failure(StatusCode::NOT_FOUND, None, &Error::invalid_request(message))
            }
        };
        let (parts, body) = request.into_parts();
        BodyRemainder::new(body, &parts, OF_A_STRANGER, self.endpoint.limits.request.body_timeout)
            .discard(&mut response);
        SiteFuture::Known(Some(Box::new(response.map(ResponseBody::from))))
    }

    /// Warns of a proxy that strips a prefix, or does not, when a message arrives at a part of the resource's path.
    fn warn_of_near_miss(&self, method: &Method, path: &str) {
        let Some(resource) = self.resource().filter(|_| *method == Method::POST) else { return };
        let (mounted, endpoint) = (&*self.path, &*resource.endpoint);
        let is_part = path == "/" || endpoint.ends_with(path);
        if is_part && let Some(suppressed) = self.near_misses.pass() {
            tracing::warn!(
                path,
                mounted,
                resource = &*resource.url,
                suppressed,
                "a request came to where a proxy in front may have sent it, and nothing is served there; if the proxy strips a \
                 prefix of the resource's path, set the rest with `Http::path`"
            );
        }
    }
}

/// The probe of an orchestrator.
pub(in crate::transport::http) struct Readiness {
    path: String,
    /// Set when the server stops.
    is_leaving: AtomicBool,
    /// Limits the lines in the log, which anybody can cause.
    failures: Throttle,
}

impl Readiness {
    pub(in crate::transport::http) fn new(path: String) -> Self {
        Self { path, is_leaving: AtomicBool::new(false), failures: Throttle::default() }
    }

    /// Returns 200 if the server goes on and its verifier can decide, and 503 otherwise, without a reason.
    async fn respond<G: Gate>(self: Arc<Self>, endpoint: Arc<Endpoint<G>>) -> Response<ResponseBody> {
        let (status, text) = match endpoint.gate.warm_up().await {
            Ok(()) if !self.is_leaving.load(Ordering::Relaxed) => (StatusCode::OK, "ready\n"),
            checked => {
                if let Err(error) = checked
                    && let Some(suppressed) = self.failures.pass()
                {
                    tracing::warn!(%error, suppressed, "not ready: no token can be verified");
                }
                (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
            }
        };
        let mut response = Response::new(Bytes::from_static(text.as_bytes()).into());
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// The response of a site. Small, because a connection keeps room for one.
pub(crate) enum SiteFuture {
    Endpoint(ResponseFuture),
    Readiness(Pin<Box<dyn Future<Output = Response<ResponseBody>> + Send>>),
    /// Absent once it is returned.
    Known(Option<Box<Response<ResponseBody>>>),
}

impl Future for SiteFuture {
    type Output = Result<Response<ResponseBody>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Endpoint(responding) => Pin::new(responding).poll(cx).map(Ok),
            Self::Readiness(checking) => checking.as_mut().poll(cx).map(Ok),
            Self::Known(response) => response.take().map_or(Poll::Pending, |response| Poll::Ready(Ok(*response))),
        }
    }
}
