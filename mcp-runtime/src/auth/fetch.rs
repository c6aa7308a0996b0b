//! Requests of verifiers to authorization servers, within limits.

use std::fmt;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, LOCATION, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};

use super::lookups::Lookups;
use super::verifier_error::{Problem, UnusableUrl, VerifierError};

/// The redirects that a request follows, because more are a loop.
const MAX_REDIRECTS: usize = 3;

/// The time that an idle connection is kept, for introspection.
///
/// Servers keep theirs for longer (5 seconds with Node.js and uvicorn). A request on a connection that its server closes at
/// that moment would be lost.
const IDLE_TIMEOUT: Duration = Duration::from_secs(3);

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const AGENT: HeaderValue = HeaderValue::from_static(concat!("mcp/", env!("CARGO_PKG_VERSION")));

/// A URL with `https`, or with `http` on a loopback host, for development.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct EndpointUrl(Uri);

impl EndpointUrl {
    pub(super) fn parse(text: &str) -> Result<Self, UnusableUrl> {
        let uri: Uri = text.parse().map_err(|_| UnusableUrl::Malformed)?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(UnusableUrl::Malformed);
        };
        if authority.as_str().contains('@') {
            return Err(UnusableUrl::Credentials);
        }
        match scheme {
            "https" => Ok(Self(uri)),
            "http" if mcp_core::is_loopback(authority.host()) => Ok(Self(uri)),
            "http" => Err(UnusableUrl::Insecure),
            _ => Err(UnusableUrl::Malformed),
        }
    }

    pub(super) fn is_https(&self) -> bool {
        self.0.scheme_str() == Some("https")
    }

    /// Parses a URL that a document or a redirect at this one names.
    ///
    /// It must be as secure as this one, so that no document from outside can name a service on a loopback host.
    pub(super) fn parse_named(&self, text: &str) -> Result<Self, UnusableUrl> {
        let named = Self::parse(text)?;
        if self.is_https() && !named.is_https() { Err(UnusableUrl::Insecure) } else { Ok(named) }
    }

    /// Parses the `Location` of a redirect: a URL, or a path.
    fn redirected(&self, location: &str) -> Result<Self, UnusableUrl> {
        if !location.starts_with('/') || location.starts_with("//") {
            return self.parse_named(location);
        }
        let (scheme, authority) = (self.0.scheme_str(), self.0.authority());
        self.parse_named(&format!(
            "{}://{}{location}",
            scheme.unwrap_or_default(),
            authority.map(http::uri::Authority::as_str).unwrap_or_default(),
        ))
    }
}

impl fmt::Display for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The limits of a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// The time until the last byte of the body, redirects included.
    pub(super) timeout: Duration,
    /// The size of the response's body.
    pub(super) max_bytes: usize,
}

/// An HTTP client, whose clones share its connections.
#[derive(Clone, Debug)]
pub(super) struct Fetcher {
    client: Client<HttpsConnector<HttpConnector<Lookups>>, Full<Bytes>>,
    limits: Limits,
}

/// The response of an authorization server.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Reply {
    /// Returns the `Retry-After`, if it is in seconds.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        let seconds = self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
        Some(Duration::from_secs(seconds))
    }

    /// Returns the `Date` of the response, which caches keep (RFC 9110 §6.6.1).
    pub(super) fn date(&self) -> Option<SystemTime> {
        httpdate::parse_http_date(self.headers.get(DATE)?.to_str().ok()?).ok()
    }
}

/// The reason why there is no usable response.
///
/// It is for the operator's log: it names the URL, and quotes nothing that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FetchError {
    reason: String,
    has_response: bool,
}

impl FetchError {
    fn unreachable(reason: String) -> Self {
        Self { reason, has_response: false }
    }

    fn unusable(reason: String) -> Self {
        Self { reason, has_response: true }
    }

    /// Returns `true` if the host answered, though with an unusable response.
    pub(super) fn has_response(&self) -> bool {
        self.has_response
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl Fetcher {
    /// Creates a client. Only with `https` does it need the root certificates of the machine.
    pub(super) fn new(limits: Limits, https: bool) -> Result<Self, VerifierError> {
        let mut connector = HttpConnector::new_with_resolver(Lookups::new());
        connector.enforce_http(false);
        connector.set_nodelay(true);
        let connector = tls(https)?.https_or_http().enable_http1().wrap_connector(connector);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .build(connector);
        Ok(Self { client, limits })
    }

    /// Gets a JSON document, and follows a few redirects.
    pub(super) async fn get(&self, url: &EndpointUrl) -> Result<Reply, FetchError> {
        self.within_time(url, async {
            let mut place = url.clone();
            for _ in 0..=MAX_REDIRECTS {
                let response = self.send(request(Method::GET, &place, Bytes::new()), &place).await?;
                if !response.status().is_redirection() {
                    return self.read(response, &place).await;
                }
                let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
                place = place
                    .redirected(location.unwrap_or_default())
                    .map_err(|error| FetchError::unusable(format!("{place} redirects to where it may not: {error}")))?;
            }
            Err(FetchError::unusable(format!("{url} redirects more than {MAX_REDIRECTS} times")))
        })
        .await
    }

    /// Posts a form, and follows no redirect, because its secrets are for `url` alone.
    pub(super) async fn post_form(
        &self,
        url: &EndpointUrl,
        form: String,
        authorization: Option<HeaderValue>,
    ) -> Result<Reply, FetchError> {
        let mut request = request(Method::POST, url, form.into());
        request.headers_mut().insert(CONTENT_TYPE, FORM);
        if let Some(authorization) = authorization {
            request.headers_mut().insert(AUTHORIZATION, authorization);
        }
        self.within_time(url, async { self.read(self.send(request, url).await?, url).await }).await
    }

    async fn within_time<T>(
        &self,
        url: &EndpointUrl,
        exchange: impl Future<Output = Result<T, FetchError>>,
    ) -> Result<T, FetchError> {
        let timeout = self.limits.timeout;
        tokio::time::timeout(timeout, exchange)
            .await
            .unwrap_or_else(|_| Err(FetchError::unreachable(format!("{url} did not answer within {timeout:?}"))))
    }

    async fn send(&self, request: Request<Full<Bytes>>, url: &EndpointUrl) -> Result<Response<Incoming>, FetchError> {
        self.client
            .request(request)
            .await
            .map_err(|error| FetchError::unreachable(format!("{url}: {}", causes(&error))))
    }

    async fn read(&self, response: Response<Incoming>, url: &EndpointUrl) -> Result<Reply, FetchError> {
        let limit = self.limits.max_bytes;
        let (parts, body) = response.into_parts();
        match Limited::new(body, limit).collect().await {
            Ok(body) => Ok(Reply { status: parts.status, headers: parts.headers, body: body.to_bytes() }),
            Err(error) if error.is::<LengthLimitError>() => {
                Err(FetchError::unusable(format!("{url} answers with more than {limit} bytes")))
            }
            Err(error) => Err(FetchError::unreachable(format!("{url}: {}", causes(&*error)))),
        }
    }
}

fn request(method: Method, url: &EndpointUrl, body: Bytes) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = method;
    *request.uri_mut() = url.0.clone();
    request.headers_mut().insert(ACCEPT, JSON);
    request.headers_mut().insert(USER_AGENT, AGENT);
    request
}

/// Returns a connector, with the root certificates of the machine only for `https`.
fn tls(https: bool) -> Result<HttpsConnectorBuilder<hyper_rustls::builderstates::WantsSchemes>, VerifierError> {
    let unusable = |reason: String| VerifierError::from(Problem::Certificates { reason });
    let provider = rustls::crypto::ring::default_provider();
    if https {
        let builder = HttpsConnectorBuilder::new().with_provider_and_platform_verifier(provider);
        return builder.map_err(|error| unusable(error.to_string()));
    }
    let config = ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(error.to_string()))?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    Ok(HttpsConnectorBuilder::new().with_tls_config(config))
}

/// Returns the text of an error and of its sources, which have the details.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_or_loopback() {
        for (text, expected) in [
            ("https://auth.example.com/jwks?p=policy", None),
            ("http://127.0.0.1:9000/jwks", None),
            ("http://[::1]:9000/jwks", None),
            ("http://localhost/jwks", None),
            ("http://auth.example.com/jwks", Some(UnusableUrl::Insecure)),
            ("http://127.0.0.1.example.com/jwks", Some(UnusableUrl::Insecure)),
            ("https://user:secret@auth.example.com/jwks", Some(UnusableUrl::Credentials)),
            ("ftp://auth.example.com/jwks", Some(UnusableUrl::Malformed)),
            ("file:///etc/passwd", Some(UnusableUrl::Malformed)),
            ("/jwks", Some(UnusableUrl::Malformed)),
            ("", Some(UnusableUrl::Malformed)),
        ] {
            assert_eq!(EndpointUrl::parse(text).err(), expected, "{text}");
        }
    }

    #[test]
    fn nobody_outside_can_point_inside() {
        let public = EndpointUrl::parse("https://auth.example.com/a/b").unwrap();
        let local = EndpointUrl::parse("http://127.0.0.1:9000/a/b").unwrap();
        assert_eq!(public.parse_named("http://127.0.0.1/x").err(), Some(UnusableUrl::Insecure));
        assert_eq!(public.redirected("http://localhost/x").err(), Some(UnusableUrl::Insecure));
        assert_eq!(public.redirected("//other.example.com/x").err(), Some(UnusableUrl::Malformed));
        assert_eq!(public.redirected("/x?y").unwrap().to_string(), "https://auth.example.com/x?y");
        assert_eq!(local.redirected("/x").unwrap().to_string(), "http://127.0.0.1:9000/x");
        assert_eq!(local.redirected("https://auth.example.com/").unwrap().to_string(), "https://auth.example.com/");
    }
}
