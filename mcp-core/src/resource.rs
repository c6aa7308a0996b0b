//! URLs of MCP endpoints, the identifiers of protected resources.

use std::fmt;

use crate::url::{Url, UrlError};

/// The public URL of an MCP endpoint and its OAuth resource identifier.
///
/// See RFC 8707 §2 and RFC 9728 §1.2. Tokens are issued for exactly this text, so every client must arrive at the same
/// spelling. The host is in lower case, and there is no default port, query, fragment or trailing slash. `http` is accepted
/// for loopback hosts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Resource {
    text: String,
    /// The start and the end of the authority in `text`.
    authority: (usize, usize),
    loopback: bool,
}

impl Resource {
    /// The path of the metadata before the path of the resource (RFC 9728 §3).
    pub const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

    /// Parses a resource.
    ///
    /// # Errors
    /// [`UrlError`] if clients would disagree about the spelling.
    pub fn parse(text: impl Into<String>) -> Result<Self, UrlError> {
        let text = text.into();
        let url = Url::parse_identifier(&text)?;
        check_metadata(&url, &text[..text.len() - url.path.len()])?;
        if let Some(port @ (443 | 80)) = url.port
            && (port == 443) == (url.scheme == "https")
        {
            return Err(UrlError::DefaultPort(port));
        }
        if url.path.ends_with('/') {
            return Err(UrlError::TrailingSlash(text.trim_end_matches('/').to_owned()));
        }
        let start = url.scheme.len() + "://".len();
        let authority = (start, start + url.authority.len());
        let loopback = url.is_loopback();
        Ok(Self { text, authority, loopback })
    }

    /// Returns the resource as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns host and port, as in a `Host` header.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.text[self.authority.0..self.authority.1]
    }

    /// Returns scheme, host and port, as in an `Origin` header.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.text[..self.authority.1]
    }

    /// Returns the path of the MCP endpoint, by default `/`.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        match self.path() {
            "" => "/",
            path => path,
        }
    }

    /// Returns `true` if the host is a loopback one.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Returns the path of the metadata document (RFC 9728 §3.1).
    #[must_use]
    pub fn metadata_path(&self) -> String {
        format!("{}{}", Self::WELL_KNOWN, self.path())
    }

    /// Returns the URL of the metadata document, the `resource_metadata` of challenges (RFC 9728 §5.1).
    #[must_use]
    pub fn metadata_url(&self) -> String {
        format!("{}{}", self.origin(), self.metadata_path())
    }

    /// Returns `true` if a token for the audience `name` is for `resource`.
    ///
    /// A resource with a path has one name. An origin alone has two, with and without a slash at the end, because clients
    /// that normalise URLs add the slash (RFC 3986 §6.2.3).
    #[must_use]
    pub fn is_named(resource: &str, name: &str) -> bool {
        name == resource || name.strip_suffix('/').is_some_and(|name| name == resource && is_origin(name))
    }

    fn path(&self) -> &str {
        &self.text[self.authority.1..]
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Returns `true` if a resource has no path.
fn is_origin(resource: &str) -> bool {
    resource.split_once("://").is_some_and(|(_, authority)| !authority.contains('/'))
}

/// Refuses a well-known URL (RFC 8615), because it locates a description of a resource.
fn check_metadata(url: &Url<'_>, origin: &str) -> Result<(), UrlError> {
    let Some((before, after)) = url.path.split_once("/.well-known/") else { return Ok(()) };
    let (document, after) = after.find('/').map_or((after, ""), |slash| after.split_at(slash));
    Err(match document {
        "oauth-protected-resource" => {
            let resource = format!("{origin}{before}{after}");
            UrlError::ResourceMetadata(Some(resource.strip_suffix('/').unwrap_or(&resource).to_owned()))
        }
        _ => UrlError::WellKnown,
    })
}

/// The error of one URL for both the issuer and the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IssuerConflict;

impl IssuerConflict {
    /// Checks that issuer and resource differ in more than a trailing slash.
    ///
    /// # Errors
    /// [`IssuerConflict`] if they do not.
    pub fn check(issuer: &str, resource: &str) -> Result<(), Self> {
        if issuer.strip_suffix('/').unwrap_or(issuer) == resource { Err(Self) } else { Ok(()) }
    }
}

impl fmt::Display for IssuerConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the `issuer` is the `resource` itself; write the address of the authorization server, which issues the tokens",
        )
    }
}

impl std::error::Error for IssuerConflict {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derives_every_address_from_the_text() {
        let resource = Resource::parse("http://127.0.0.1:8000/mcp").expect("valid");
        assert_eq!(resource.as_str(), "http://127.0.0.1:8000/mcp");
        assert_eq!(resource.authority(), "127.0.0.1:8000");
        assert_eq!(resource.origin(), "http://127.0.0.1:8000");
        assert_eq!(resource.endpoint(), "/mcp");
        assert_eq!(resource.metadata_path(), "/.well-known/oauth-protected-resource/mcp");
        assert_eq!(resource.metadata_url(), "http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp");
        assert!(resource.is_loopback());
    }

    #[test]
    fn a_resource_may_be_a_whole_host() {
        let resource = Resource::parse("https://mcp.example.com").expect("valid");
        assert_eq!(resource.endpoint(), "/");
        assert_eq!(resource.metadata_url(), "https://mcp.example.com/.well-known/oauth-protected-resource");
        assert!(!resource.is_loopback());
    }

    #[test]
    fn an_origin_has_two_names_and_a_path_one() {
        for (resource, name, expected) in [
            ("https://mcp.example.com", "https://mcp.example.com", true),
            ("https://mcp.example.com", "https://mcp.example.com/", true),
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000/", true),
            ("https://mcp.example.com", "https://mcp.example.com//", false),
            ("https://mcp.example.com", "https://mcp.example.com/mcp", false),
            ("https://mcp.example.com", "https://mcp.example.com?", false),
            ("https://mcp.example.com", "https://MCP.example.com/", false),
            ("https://mcp.example.com", "", false),
            ("https://mcp.example.com/mcp", "https://mcp.example.com/mcp", true),
            ("https://mcp.example.com/mcp", "https://mcp.example.com/mcp/", false),
            ("https://mcp.example.com/mcp", "https://mcp.example.com/", false),
            ("", "/", false),
        ] {
            assert_eq!(Resource::is_named(resource, name), expected, "{resource} {name}");
        }
    }

    #[test]
    fn refuses_what_clients_would_rewrite() {
        let cases = [
            ("https://mcp.example.com/", UrlError::TrailingSlash("https://mcp.example.com".to_owned())),
            ("https://mcp.example.com/mcp/", UrlError::TrailingSlash("https://mcp.example.com/mcp".to_owned())),
            ("https://mcp.example.com:443/mcp", UrlError::DefaultPort(443)),
            ("http://localhost:80/mcp", UrlError::DefaultPort(80)),
            ("http://mcp.example.com/mcp", UrlError::Insecure("https://mcp.example.com/mcp".to_owned())),
        ];
        for (text, expected) in cases {
            assert_eq!(Resource::parse(text), Err(expected), "{text}");
        }
        assert!(Resource::parse("http://localhost:443/mcp").is_ok(), "443 is not the port of http");
    }

    #[test]
    fn keeps_what_people_serve_at() {
        for text in [
            "https://mcp.example.com",
            "https://mcp.example.com/mcp",
            "https://mcp.example.com:8443/mcp",
            "https://example.com/tenants/one/mcp",
            "https://example.com/a%20b/mcp",
            "https://example.com/users/$me/mcp",
            "https://example.com/authorize",
            "https://example.com/mcp/v1/token",
            "https://xn--bcher-kva.example/mcp",
            "https://notes-7f6d.run.example.app/mcp",
            "https://10.0.0.7:8443/mcp",
            "https://[2001:db8::1]/mcp",
            "https://mcp/notes",
            "http://localhost:8000/mcp",
            "http://127.0.0.1:8000",
            "http://[::1]:8000/mcp",
        ] {
            assert_eq!(Resource::parse(text).map(|resource| resource.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn a_description_is_not_what_it_describes() {
        for (text, expected) in [
            ("https://mcp.example.com/.well-known/oauth-protected-resource", "https://mcp.example.com"),
            ("https://mcp.example.com/.well-known/oauth-protected-resource/", "https://mcp.example.com"),
            ("https://mcp.example.com/.well-known/oauth-protected-resource/mcp", "https://mcp.example.com/mcp"),
            ("https://mcp.example.com/mcp/.well-known/oauth-protected-resource", "https://mcp.example.com/mcp"),
        ] {
            assert_eq!(Resource::parse(text), Err(UrlError::ResourceMetadata(Some(expected.to_owned()))), "{text}");
        }
        assert_eq!(Resource::parse("https://a.example.com/.well-known/openid-configuration"), Err(UrlError::WellKnown));
    }

    #[test]
    fn an_issuer_is_another_place() {
        assert_eq!(IssuerConflict::check("https://example.com", "https://example.com"), Err(IssuerConflict));
        assert_eq!(IssuerConflict::check("https://example.com/", "https://example.com"), Err(IssuerConflict));
        assert_eq!(IssuerConflict::check("https://example.com/mcp", "https://example.com/mcp"), Err(IssuerConflict));
        assert_eq!(IssuerConflict::check("https://example.com", "https://example.com/mcp"), Ok(()));
    }
}
