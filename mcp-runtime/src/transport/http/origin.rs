//! Which `Host` and `Origin` a request may have: the defence against DNS rebinding that the specification demands
//! (MCP 2026-07-28, Streamable HTTP, "Security & Endpoint").

use http::header::{HOST, ORIGIN};
use http::{HeaderMap, Uri};

#[derive(Debug)]
pub(super) struct OriginPolicy {
    /// Host and port, or a host alone for any port. `None` when it is not known what the server is called.
    hosts: Option<Vec<String>>,
    origins: Vec<String>,
    /// Whether programs on the same machine may call it by a loopback name.
    loopback: bool,
}

/// What to answer, and what to log: the setting that would admit the request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Foreign {
    Host,
    Origin,
}

impl OriginPolicy {
    /// `origin` is that of the resource. `local` says whether the server listens on loopback only; without a resource,
    /// nothing else is known about it.
    pub(super) fn new(origin: Option<&str>, local: bool, mut hosts: Vec<String>, mut origins: Vec<String>) -> Self {
        let authority = origin.map(authority);
        let loopback = local || authority.map_or(hosts.is_empty(), is_loopback);
        origins.extend(origin.map(str::to_owned));
        hosts.extend(authority.map(str::to_owned));
        let known = local || !hosts.is_empty();
        Self { hosts: known.then_some(hosts), origins, loopback }
    }

    pub(super) fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Foreign> {
        if !self.admits_host(uri, headers) {
            return Err(Foreign::Host);
        }
        let mut origins = headers.get_all(ORIGIN).iter();
        if origins.all(|origin| origin.to_str().is_ok_and(|origin| self.admits_origin(origin))) {
            Ok(())
        } else {
            Err(Foreign::Origin)
        }
    }

    fn admits_host(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let Some(hosts) = &self.hosts else { return true };
        let admits = |host: &str| {
            hosts.iter().any(|allowed| {
                host.eq_ignore_ascii_case(allowed)
                    || (!has_port(allowed) && without_port(host).eq_ignore_ascii_case(allowed))
            }) || (self.loopback && is_loopback(host))
        };
        // HTTP/2 has it in the URI, and so has a request to a proxy, where it overrides the header.
        let in_uri = uri.authority().map(http::uri::Authority::as_str);
        let mut values = headers.get_all(HOST).iter();
        match (values.next(), values.next()) {
            (Some(host), None) => {
                // To the letter, nearly always.
                let admitted = hosts.iter().any(|allowed| host == allowed.as_str()) || host.to_str().is_ok_and(admits);
                admitted && in_uri.is_none_or(admits)
            }
            (None, _) => in_uri.is_some_and(admits),
            (Some(_), Some(_)) => false,
        }
    }

    fn admits_origin(&self, origin: &str) -> bool {
        self.origins.iter().any(|allowed| origin.eq_ignore_ascii_case(allowed))
            || (self.loopback
                && origin
                    .split_once("://")
                    .is_some_and(|(scheme, host)| scheme.starts_with("http") && is_loopback(host)))
    }
}

/// Host and port of an origin.
pub(super) fn authority(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, authority)| authority)
}

/// Whether a text could stand in a `Host` header.
pub(super) fn is_authority(text: &str) -> bool {
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

pub(super) fn is_loopback(authority: &str) -> bool {
    mcp_core::is_loopback(without_port(authority))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(policy: &OriginPolicy, host: &str, origin: Option<&str>) -> Result<(), Foreign> {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().expect("a header value"));
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().expect("a header value"));
        }
        policy.check(&Uri::from_static("/mcp"), &headers)
    }

    #[test]
    fn a_public_resource_is_called_by_its_name_only() {
        let policy = OriginPolicy::new(Some("https://mcp.example.com"), false, vec![], vec![]);
        assert_eq!(check(&policy, "mcp.example.com", None), Ok(()));
        assert_eq!(check(&policy, "MCP.example.com:443", None), Ok(()));
        for host in ["evil.example", "mcp.example.com.evil.example", "localhost", "127.0.0.1:8000", ""] {
            assert_eq!(check(&policy, host, None), Err(Foreign::Host), "{host}");
        }
        assert_eq!(check(&policy, "mcp.example.com", Some("https://mcp.example.com")), Ok(()));
        for origin in ["http://mcp.example.com", "https://evil.example", "null", "http://localhost:3000"] {
            assert_eq!(check(&policy, "mcp.example.com", Some(origin)), Err(Foreign::Origin), "{origin}");
        }
    }

    #[test]
    fn a_port_in_the_resource_counts() {
        let policy = OriginPolicy::new(Some("https://mcp.example.com:8443"), false, vec![], vec![]);
        assert_eq!(check(&policy, "mcp.example.com:8443", None), Ok(()));
        assert_eq!(check(&policy, "mcp.example.com", None), Err(Foreign::Host));
    }

    #[test]
    fn loopback_has_many_names() {
        let policy = OriginPolicy::new(Some("http://127.0.0.1:8000"), false, vec![], vec![]);
        for host in ["127.0.0.1:8000", "localhost:9", "LOCALHOST", "[::1]:8000", "127.9.9.9"] {
            assert_eq!(check(&policy, host, Some("http://localhost:6274")), Ok(()), "{host}");
        }
        for host in ["localhost.evil.example", "127.0.0.1.evil.example", "0.0.0.0"] {
            assert_eq!(check(&policy, host, None), Err(Foreign::Host), "{host}");
        }
        assert_eq!(check(&policy, "localhost", Some("http://evil.example")), Err(Foreign::Origin));
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
        assert_eq!(check(&policy, "notes:8081", None), Err(Foreign::Host));
    }

    #[test]
    fn an_open_server_in_an_app_has_no_known_name_but_still_no_foreign_origin() {
        let policy = OriginPolicy::new(None, false, vec![], vec![]);
        assert_eq!(check(&policy, "whatever.example", None), Ok(()));
        assert_eq!(check(&policy, "whatever.example", Some("http://localhost:3000")), Ok(()));
        assert_eq!(check(&policy, "evil.example", Some("http://evil.example")), Err(Foreign::Origin));
    }

    #[test]
    fn two_hosts_are_none() {
        let policy = OriginPolicy::new(None, true, vec![], vec![]);
        let mut headers = HeaderMap::new();
        headers.append(HOST, "localhost".parse().expect("a header value"));
        headers.append(HOST, "localhost".parse().expect("a header value"));
        assert_eq!(policy.check(&Uri::from_static("/mcp"), &headers), Err(Foreign::Host));
    }
}
