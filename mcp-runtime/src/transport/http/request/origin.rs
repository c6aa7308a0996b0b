//! The admitted values of `Host` and `Origin`: the defence against DNS rebinding that the specification demands
//! (MCP 2026-07-28, Streamable HTTP, "Security & Endpoint").

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{HOST, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode, Version};

use crate::json::truncate::excerpt;
use crate::throttle::Throttle;
use crate::transport::http::cors::Cors;
use crate::transport::http::response::reject;

#[derive(Debug)]
pub(in crate::transport::http) struct OriginPolicy {
    /// Hosts with a port, or without one for any. Absent while the name of the server is not known.
    hosts: Option<Vec<String>>,
    origins: Vec<String>,
    /// The origins whose pages may read responses.
    shared: Vec<String>,
    /// Set if programs on the same machine may use a loopback name.
    loopback: bool,
    /// Limits the lines in the log, which anybody on the network can cause.
    logged: [Throttle; 3],
}

/// The reason for which a request is not for this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::transport::http) enum ForeignRequest {
    /// The request does not say for which (RFC 9112 §3.2).
    NoHost,
    Host,
    Origin,
}

impl ForeignRequest {
    /// Returns the response to such a request.
    pub(in crate::transport::http) fn refuse(self) -> Response<Bytes> {
        match self {
            Self::NoHost => reject(StatusCode::BAD_REQUEST, "A request needs one Host header"),
            Self::Host => reject(StatusCode::MISDIRECTED_REQUEST, "This server does not answer for the requested host"),
            Self::Origin => reject(StatusCode::FORBIDDEN, "This server does not answer to the requesting origin"),
        }
    }
}

impl OriginPolicy {
    /// `origin` is that of the resource. `local` says whether the server listens on loopback only; without a resource,
    /// nothing else is known about it.
    pub(in crate::transport::http) fn new(
        origin: Option<&str>,
        local: bool,
        mut hosts: Vec<String>,
        mut origins: Vec<String>,
    ) -> Self {
        let authority = origin.map(authority);
        let loopback = local || authority.map_or(hosts.is_empty(), is_loopback);
        let shared = origins.clone();
        origins.extend(origin.map(str::to_owned));
        hosts.extend(authority.map(str::to_owned));
        let known = local || !hosts.is_empty();
        Self { hosts: known.then_some(hosts), origins, shared, loopback, logged: Default::default() }
    }

    /// # Errors
    /// The request is not for this server, or from a page that has no business here. The log says which setting
    /// admits it.
    pub(in crate::transport::http) fn check(&self, parts: &Parts) -> Result<(), ForeignRequest> {
        let checked = self.check_host(parts).and_then(|()| {
            let mut origins = parts.headers.get_all(ORIGIN).iter();
            let is_admitted = |origin: &HeaderValue| origin.to_str().is_ok_and(|origin| self.admits_origin(origin));
            if origins.all(is_admitted) { Ok(()) } else { Err(ForeignRequest::Origin) }
        });
        if let Err(foreign) = checked {
            self.log(foreign, parts);
        }
        checked
    }

    fn log(&self, foreign: ForeignRequest, parts: &Parts) {
        let Some(suppressed) = self.logged[foreign as usize].pass() else { return };
        let value = |name| parts.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
        match foreign {
            ForeignRequest::NoHost => tracing::warn!(suppressed, "refused a request without one `Host` header"),
            ForeignRequest::Host => {
                let host = parts.uri.authority().map(|authority| Cow::Borrowed(authority.as_str())).or(value(HOST));
                let host = excerpt(host.as_deref().unwrap_or_default());
                tracing::warn!(host, suppressed, "refused a request for another host; `Http::allow_hosts` admits it");
            }
            ForeignRequest::Origin => {
                let origin = value(ORIGIN);
                let origin = excerpt(origin.as_deref().unwrap_or_default());
                tracing::warn!(
                    origin,
                    suppressed,
                    "refused a request from another origin; `Http::allow_origins` admits it"
                );
            }
        }
    }

    /// Returns what a browser has to be told about this request, if pages of other origins may send any.
    pub(in crate::transport::http) fn cors(&self, headers: &HeaderMap) -> Option<Cors> {
        if self.shared.is_empty() {
            return None;
        }
        let mut origins = headers.get_all(ORIGIN).iter();
        let origin = origins.next().filter(|origin| {
            let is_shared = |origin: &str| self.shared.iter().any(|shared| origin.eq_ignore_ascii_case(shared));
            origin.to_str().is_ok_and(is_shared) && origins.next().is_none()
        });
        Some(Cors { origin: origin.cloned() })
    }

    fn check_host(&self, parts: &Parts) -> Result<(), ForeignRequest> {
        // HTTP/2 has it in the URI, and so has a request to a proxy, where it overrides the header.
        let in_uri = parts.uri.authority().map(http::uri::Authority::as_str);
        let mut values = parts.headers.get_all(HOST).iter();
        let host = match (values.next(), values.next()) {
            (_, Some(_)) => return Err(ForeignRequest::NoHost),
            (None, None) if parts.version == Version::HTTP_11 => return Err(ForeignRequest::NoHost),
            (None, None) if in_uri.is_none() && parts.version > Version::HTTP_11 => return Err(ForeignRequest::NoHost),
            (host, None) => host,
        };
        let Some(hosts) = &self.hosts else { return Ok(()) };
        let admits = |host: &str| {
            hosts.iter().any(|allowed| {
                host.eq_ignore_ascii_case(allowed)
                    || (!has_port(allowed) && without_port(host).eq_ignore_ascii_case(allowed))
            }) || (self.loopback && is_loopback(host))
        };
        let is_admitted = match host {
            Some(host) => {
                // To the letter, nearly always.
                let admitted = hosts.iter().any(|allowed| host == allowed.as_str()) || host.to_str().is_ok_and(admits);
                admitted && in_uri.is_none_or(admits)
            }
            None => in_uri.is_some_and(admits),
        };
        if is_admitted { Ok(()) } else { Err(ForeignRequest::Host) }
    }

    fn admits_origin(&self, origin: &str) -> bool {
        self.origins.iter().any(|allowed| origin.eq_ignore_ascii_case(allowed))
            || (self.loopback
                && origin
                    .split_once("://")
                    .is_some_and(|(scheme, host)| scheme.starts_with("http") && is_loopback(host)))
    }
}

/// Returns host and port of an origin.
pub(in crate::transport::http) fn authority(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, authority)| authority)
}

/// Returns `true` for a valid value of `Host`.
pub(in crate::transport::http) fn is_authority(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_:[]".contains(&b))
}

fn has_port(authority: &str) -> bool {
    without_port(authority).len() < authority.len()
}

fn without_port(authority: &str) -> &str {
    match authority.rfind(':') {
        Some(colon) if authority[colon + 1..].bytes().all(|b| b.is_ascii_digit()) => &authority[..colon],
        _ => authority,
    }
}

pub(in crate::transport::http) fn is_loopback(authority: &str) -> bool {
    mcp_core::is_loopback(without_port(authority))
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, Request};

    use super::*;

    fn parts(headers: &[(HeaderName, &str)]) -> Parts {
        let (mut parts, ()) = Request::get("/mcp").body(()).expect("a request").into_parts();
        for (name, value) in headers {
            parts.headers.append(name, value.parse().expect("a header value"));
        }
        parts
    }

    fn check(policy: &OriginPolicy, host: &str, origin: Option<&str>) -> Result<(), ForeignRequest> {
        let headers: Vec<_> = [(HOST, host)].into_iter().chain(origin.map(|origin| (ORIGIN, origin))).collect();
        policy.check(&parts(&headers))
    }

    #[test]
    fn a_public_resource_is_called_by_its_name_only() {
        let policy = OriginPolicy::new(Some("https://mcp.example.com"), false, vec![], vec![]);
        assert_eq!(check(&policy, "mcp.example.com", None), Ok(()));
        assert_eq!(check(&policy, "MCP.example.com:443", None), Ok(()));
        for host in ["evil.example", "mcp.example.com.evil.example", "localhost", "127.0.0.1:8000", ""] {
            assert_eq!(check(&policy, host, None), Err(ForeignRequest::Host), "{host}");
        }
        assert_eq!(check(&policy, "mcp.example.com", Some("https://mcp.example.com")), Ok(()));
        for origin in ["http://mcp.example.com", "https://evil.example", "null", "http://localhost:3000"] {
            assert_eq!(check(&policy, "mcp.example.com", Some(origin)), Err(ForeignRequest::Origin), "{origin}");
        }
    }

    #[test]
    fn a_port_in_the_resource_counts() {
        let policy = OriginPolicy::new(Some("https://mcp.example.com:8443"), false, vec![], vec![]);
        assert_eq!(check(&policy, "mcp.example.com:8443", None), Ok(()));
        assert_eq!(check(&policy, "mcp.example.com", None), Err(ForeignRequest::Host));
    }

    #[test]
    fn loopback_has_many_names() {
        let policy = OriginPolicy::new(Some("http://127.0.0.1:8000"), false, vec![], vec![]);
        for host in ["127.0.0.1:8000", "localhost:9", "LOCALHOST", "[::1]:8000", "127.9.9.9"] {
            assert_eq!(check(&policy, host, Some("http://localhost:6274")), Ok(()), "{host}");
        }
        for host in ["localhost.evil.example", "127.0.0.1.evil.example", "0.0.0.0"] {
            assert_eq!(check(&policy, host, None), Err(ForeignRequest::Host), "{host}");
        }
        assert_eq!(check(&policy, "localhost", Some("http://evil.example")), Err(ForeignRequest::Origin));
    }

    #[test]
    fn further_names_are_admitted_when_asked_for() {
        let policy = OriginPolicy::new(
            Some("https://mcp.example.com"),
            false,
            vec!["notes.internal".to_owned(), "notes:8080".to_owned()],
            vec!["https://app.example.com".to_owned()],
        );
        assert_eq!(check(&policy, "notes.internal:1234", Some("https://app.example.com")), Ok(()));
        assert_eq!(check(&policy, "notes:8080", None), Ok(()));
        assert_eq!(check(&policy, "notes:8081", None), Err(ForeignRequest::Host));
    }

    #[test]
    fn an_open_server_in_an_app_has_no_known_name_but_still_no_foreign_origin() {
        let policy = OriginPolicy::new(None, false, vec![], vec![]);
        assert_eq!(check(&policy, "whatever.example", None), Ok(()));
        assert_eq!(check(&policy, "whatever.example", Some("http://localhost:3000")), Ok(()));
        assert_eq!(check(&policy, "evil.example", Some("http://evil.example")), Err(ForeignRequest::Origin));
    }

    #[test]
    fn one_host_is_named_in_a_header_or_in_the_uri() {
        let known = OriginPolicy::new(None, true, vec![], vec![]);
        let unknown = OriginPolicy::new(None, false, vec![], vec![]);
        for (version, uri, hosts, expected) in [
            (Version::HTTP_11, "/mcp", &[][..], Err(ForeignRequest::NoHost)),
            (Version::HTTP_11, "http://localhost/mcp", &[], Err(ForeignRequest::NoHost)),
            (Version::HTTP_11, "/mcp", &["localhost", "localhost"], Err(ForeignRequest::NoHost)),
            (Version::HTTP_11, "http://localhost/mcp", &["localhost", "localhost"], Err(ForeignRequest::NoHost)),
            (Version::HTTP_11, "http://localhost/mcp", &["localhost"], Ok(())),
            (Version::HTTP_2, "http://localhost/mcp", &[], Ok(())),
            (Version::HTTP_2, "http://localhost/mcp", &["localhost"], Ok(())),
            (Version::HTTP_2, "http://localhost/mcp", &["localhost", "localhost"], Err(ForeignRequest::NoHost)),
            (Version::HTTP_2, "/mcp", &[], Err(ForeignRequest::NoHost)),
        ] {
            let hosts: Vec<_> = hosts.iter().map(|host| (HOST, *host)).collect();
            let mut parts = parts(&hosts);
            (parts.version, parts.uri) = (version, uri.parse().expect("a URI"));
            for policy in [&known, &unknown] {
                assert_eq!(policy.check(&parts), expected, "{version:?} {uri} {hosts:?}");
            }
        }
        // The one in the URI counts, and so does the other.
        for (uri, host, version) in [
            ("http://evil.example/mcp", "localhost", Version::HTTP_11),
            ("http://localhost/mcp", "evil.example", Version::HTTP_11),
            ("http://evil.example/mcp", "localhost", Version::HTTP_2),
            ("http://localhost/mcp", "evil.example", Version::HTTP_2),
        ] {
            let mut parts = parts(&[(HOST, host)]);
            (parts.version, parts.uri) = (version, uri.parse().expect("a URI"));
            assert_eq!(known.check(&parts), Err(ForeignRequest::Host), "{version:?} {uri} {host}");
        }
        let mut parts = parts(&[]);
        parts.version = Version::HTTP_10;
        assert_eq!((known.check(&parts), unknown.check(&parts)), (Err(ForeignRequest::Host), Ok(())));
    }
}
