//! Parsing of the URLs of RFC 3986 that identify issuers and resources.
//!
//! Clients compare such URLs character for character (RFC 8414 §3.3, RFC 9728 §3.3). Therefore no URL is normalised: a
//! value that some client would rewrite is refused, with the spelling that every client keeps.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::lookalike;

/// The error type of URLs: [`Issuer`](crate::Issuer), [`Resource`](crate::Resource), [`documentation_url`].
///
/// The message suggests a correction and quotes only the offending part, never a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum UrlError {
    /// The text is empty.
    Empty,
    /// The text has a character outside of ASCII.
    NotAscii(char),
    /// The text has a character that RFC 3986 §2 does not allow.
    Forbidden(char),
    /// White space or quotes enclose the URL; carries the URL.
    Surrounded(String),
    /// The text has a placeholder, such as `${HOST}`.
    Placeholder(String),
    /// The text has several URLs; carries them.
    Several(Vec<String>),
    /// The text is of another kind; carries it, such as "a path".
    NotAnAddress(&'static str),
    /// The scheme is missing; carries the whole URL, if clear.
    MissingScheme(Option<String>),
    /// The scheme is neither `https` nor `http`; carries the correction, if clear.
    UnsupportedScheme(String, Option<String>),
    /// The scheme of a remote host is `http`; carries the `https` spelling.
    Insecure(String),
    /// The scheme is `http` and the host a name of a local network.
    LocalName(String),
    /// The URL has a user name or a password.
    Credentials,
    /// The URL has no host.
    MissingHost,
    /// The host has upper-case letters; carries the lower-case spelling.
    UpperCaseHost(String),
    /// The host is neither a name nor an address.
    InvalidHost(String),
    /// The host is unspecified, such as `0.0.0.0`; carries the loopback URL, too.
    Unspecified(String, String),
    /// Clients would rewrite the IPv6 address (RFC 5952); carries their spelling.
    UnstableHost(String),
    /// The port is not a number from 1 to 65535.
    InvalidPort(String),
    /// The port is the default of the scheme, which clients omit.
    DefaultPort(u16),
    /// The URL has a `?query`.
    Query,
    /// The URL has a `#fragment`.
    Fragment,
    /// The URL is an issuer's endpoint; carries its kind, and the issuer if clear.
    IssuerEndpoint(&'static str, Option<String>),
    /// The URL is a resource's metadata document; carries the resource, if clear.
    ResourceMetadata(Option<String>),
    /// The URL is another well-known one (RFC 8615).
    WellKnown,
    /// The URL ends with a slash; carries the spelling without the slash.
    TrailingSlash(String),
    /// Clients would rewrite a segment of the path: empty, `.` or `..`.
    UnstablePath(String),
    /// The URL has a `%` without two hexadecimal digits.
    InvalidPercentEncoding,
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the URL is empty; write one like `https://example.com`"),
            Self::NotAscii(c) => write!(
                f,
                "`{c}` is not an ASCII character; write a host in punycode (`xn--…`) and percent-encode a path"
            ),
            Self::Forbidden(' ') => f.write_str("a URL has no spaces; percent-encode it as `%20` or remove it"),
            Self::Forbidden(c) => write!(f, "a URL cannot contain {c:?}; percent-encode it or remove it"),
            Self::Surrounded(inner) => {
                write!(f, "there is white space or a quote around the URL; write `{inner}`")
            }
            Self::Placeholder(placeholder) => write!(
                f,
                "nothing fills in the placeholder `{placeholder}`; write the value, or give one that is only known at \
                 start to `mcp::Protection`"
            ),
            Self::Several(urls) => {
                let list: Vec<_> = urls.iter().map(|url| format!("{url:?}")).collect();
                write!(f, "these are {} URLs in one text; each is a text of its own: `{}`", urls.len(), list.join(", "))
            }
            Self::NotAnAddress(kind) => {
                write!(f, "this is {kind} and not an address; write one like `https://example.com`")
            }
            Self::MissingScheme(Some(suggestion)) => write!(f, "the scheme is missing; write `{suggestion}`"),
            Self::MissingScheme(None) => f.write_str("the scheme is missing; write `https://` in front"),
            Self::UnsupportedScheme(scheme, Some(suggestion)) => {
                write!(f, "the scheme `{scheme}` is not supported; write `{suggestion}`")
            }
            Self::UnsupportedScheme(scheme, None) => write!(
                f,
                "clients can't connect to the scheme `{scheme}`; write the address that they use, like \
                 `https://example.com`"
            ),
            Self::Insecure(suggestion) => {
                write!(f, "`http` is for loopback hosts only; write `{suggestion}`")
            }
            Self::LocalName(host) => write!(
                f,
                "`http` is for loopback hosts only, and clients elsewhere do not know `{host}`; write the public \
                 `https` address"
            ),
            Self::Credentials => {
                f.write_str("a URL that is published carries no user name or password; remove the part up to `@`")
            }
            Self::MissingHost => f.write_str("the host is missing; write one like `https://example.com`"),
            Self::UpperCaseHost(suggestion) => {
                write!(f, "the host has upper-case letters, and clients compare it exactly; write `{suggestion}`")
            }
            Self::InvalidHost(host) => {
                write!(f, "`{host}` is not a host; write a name like `example.com`, or an IP address")
            }
            Self::Unspecified(host, suggestion) => write!(
                f,
                "`{host}` is for a server to listen on, and no client can connect to it; write `{suggestion}`, or the \
                 public `https` address"
            ),
            Self::UnstableHost(suggestion) => {
                write!(f, "clients would rewrite the host; write `{suggestion}`")
            }
            Self::InvalidPort(port) if port.is_empty() => {
                f.write_str("there is no port after the `:`; write a number from 1 to 65535, or remove the `:`")
            }
            Self::InvalidPort(port) => write!(f, "`{port}` is not a port; write a number from 1 to 65535"),
            Self::DefaultPort(port) => {
                write!(f, "`:{port}` is the scheme's own port, and clients leave it out; remove it")
            }
            Self::Query => f.write_str("a query is not allowed; remove the part from `?` on"),
            Self::Fragment => f.write_str("a fragment is not allowed; remove the part from `#` on"),
            Self::IssuerEndpoint(what, Some(issuer)) => {
                write!(f, "this is the address of an issuer's {what}; write `{issuer}`, the issuer itself")
            }
            Self::IssuerEndpoint(what, None) => {
                write!(f, "this is the address of an issuer's {what}; write the `issuer` that its metadata names")
            }
            Self::ResourceMetadata(Some(resource)) => {
                write!(f, "this is the address of a resource's metadata; write `{resource}`, the resource itself")
            }
            Self::ResourceMetadata(None) => f.write_str(
                "this is the address of a resource's metadata; write one of the `authorization_servers` that it names",
            ),
            Self::WellKnown => f.write_str(
                "this is where something is described; write the address of the endpoint, like \
                 `https://mcp.example.com/mcp`",
            ),
            Self::TrailingSlash(suggestion) => {
                write!(
                    f,
                    "the trailing slash would make it a different resource for some clients; write `{suggestion}`"
                )
            }
            Self::UnstablePath(segment) => {
                write!(f, "clients would rewrite the path segment `{segment}`; remove it")
            }
            Self::InvalidPercentEncoding => {
                f.write_str("a `%` starts an escape of two hexadecimal digits; write `%25` for the character itself")
            }
        }
    }
}

impl std::error::Error for UrlError {}

/// Checks the URL of a page for people.
///
/// The URL may have a query and a fragment.
///
/// # Errors
/// [`UrlError`] if the text is not an `https` or `http` URL.
pub fn documentation_url(text: &str) -> Result<(), UrlError> {
    let end = text.find(['?', '#']).unwrap_or(text.len());
    check_characters(text)?;
    Url::parse(&text[..end]).map(|_| ())
}

/// A URL of scheme, host, optional port and path, not normalised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Url<'a> {
    pub(crate) scheme: &'a str,
    pub(crate) host: &'a str,
    pub(crate) port: Option<u16>,
    /// The host and the port, as in a `Host` header.
    pub(crate) authority: &'a str,
    /// The path, which is empty or starts with a slash.
    pub(crate) path: &'a str,
}

impl<'a> Url<'a> {
    /// Parses the URL of an issuer or a resource.
    pub(crate) fn parse_identifier(text: &'a str) -> Result<Self, UrlError> {
        lookalike::check(text)?;
        let url = Self::parse(text)?;
        url.require_secure()?;
        Ok(url)
    }

    pub(crate) fn parse(text: &'a str) -> Result<Self, UrlError> {
        if text.is_empty() {
            return Err(UrlError::Empty);
        }
        let (scheme, rest) = lookalike::split_scheme(text)?;
        check_characters(text)?;
        let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(authority_end);
        if authority.contains('@') {
            return Err(UrlError::Credentials);
        }
        if tail.contains('#') {
            return Err(UrlError::Fragment);
        }
        if tail.contains('?') {
            return Err(UrlError::Query);
        }
        let (host, port) = split_port(authority)?;
        check_host(text, scheme.len() + "://".len(), host)?;
        check_path(tail)?;
        Ok(Self { scheme, host, port, authority, path: tail })
    }

    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(self.host)
    }

    /// Refuses `http`, unless the host is a loopback one.
    pub(crate) fn require_secure(&self) -> Result<(), UrlError> {
        if self.scheme == "https" || self.is_loopback() {
            Ok(())
        } else if !self.host.contains(['.', '[']) {
            Err(UrlError::LocalName(self.host.to_owned()))
        } else {
            Err(UrlError::Insecure(format!("https://{}{}", self.authority, self.path)))
        }
    }
}

/// Returns `true` if the host is `localhost` or a loopback address.
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || ipv6(host).is_some_and(|address| address.is_loopback())
}

/// Checks the characters and escapes of a URL (RFC 3986 §2).
pub(crate) fn check_characters(text: &str) -> Result<(), UrlError> {
    for (index, c) in text.char_indices() {
        if !c.is_ascii() {
            return Err(UrlError::NotAscii(c));
        }
        if !(c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c)) {
            return Err(UrlError::Forbidden(c));
        }
        if c == '%' && !text.as_bytes()[index + 1..].iter().take(2).filter(|b| b.is_ascii_hexdigit()).count().eq(&2) {
            return Err(UrlError::InvalidPercentEncoding);
        }
    }
    Ok(())
}

pub(crate) fn split_port(authority: &str) -> Result<(&str, Option<u16>), UrlError> {
    let host_end = match authority.rfind(']') {
        Some(bracket) => bracket + 1,
        None if authority.starts_with('[') => return Err(UrlError::InvalidHost(authority.to_owned())),
        None => 0,
    };
    let Some(colon) = authority[host_end..].find(':') else {
        return Ok((authority, None));
    };
    let (host, port) = (&authority[..host_end + colon], &authority[host_end + colon + 1..]);
    let canonical = port.bytes().all(|b| b.is_ascii_digit()) && !port.starts_with('0');
    match port.parse::<u16>() {
        Ok(number) if canonical => Ok((host, Some(number))),
        _ => Err(UrlError::InvalidPort(port.to_owned())),
    }
}

/// Checks the host, which begins at `start` of the URL.
pub(crate) fn check_host(url: &str, start: usize, host: &str) -> Result<(), UrlError> {
    if host.is_empty() {
        return Err(UrlError::MissingHost);
    }
    let (scheme, tail) = (&url[..start], &url[start + host.len()..]);
    if is_unspecified(host) {
        return Err(UrlError::Unspecified(host.to_owned(), format!("http://127.0.0.1{tail}")));
    }
    if host.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err(UrlError::UpperCaseHost(format!("{scheme}{}{tail}", host.to_ascii_lowercase())));
    }
    let valid = if host.starts_with('[') {
        match ipv6(host).map(canonical) {
            Some(canonical) if canonical != host => {
                return Err(UrlError::UnstableHost(format!("{scheme}{canonical}{tail}")));
            }
            address => address.is_some(),
        }
    } else if host.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit())) {
        host.parse::<Ipv4Addr>().is_ok()
    } else {
        host.len() <= 253 && host.split('.').all(is_label)
    };
    if valid { Ok(()) } else { Err(UrlError::InvalidHost(host.to_owned())) }
}

/// Returns `true` for a label of a host name.
///
/// RFC 1123 does not allow the underscore, but container networks use it.
fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
}

fn ipv6(host: &str) -> Option<Ipv6Addr> {
    host.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

/// Returns the spelling of clients: the mapped IPv4 address, or RFC 5952.
fn canonical(address: Ipv6Addr) -> String {
    address.to_ipv4_mapped().map_or_else(|| format!("[{address}]"), |address| address.to_string())
}

/// Returns `true` for every spelling of the unspecified address, such as `0` and `[::]`.
fn is_unspecified(host: &str) -> bool {
    let is_zero = |label: &str| {
        let digits = label.strip_prefix("0x").or_else(|| label.strip_prefix("0X")).unwrap_or(label);
        label.starts_with('0') && digits.bytes().all(|b| b == b'0')
    };
    match ipv6(host) {
        Some(address) => address.is_unspecified() || address.to_ipv4_mapped().is_some_and(|a| a.is_unspecified()),
        None => host.split('.').count() <= 4 && host.split('.').all(is_zero),
    }
}

fn check_path(path: &str) -> Result<(), UrlError> {
    if let Some(bracket) = path.chars().find(|c| matches!(c, '[' | ']')) {
        return Err(UrlError::Forbidden(bracket));
    }
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        // The caller decides about an empty last segment, a trailing slash.
        let unstable = match segment {
            "" => segments.peek().is_some(),
            "." | ".." => true,
            _ => segment.to_ascii_lowercase().replace("%2e", ".").bytes().all(|b| b == b'.') && segment.contains('%'),
        };
        if unstable {
            return Err(UrlError::UnstablePath(if segment.is_empty() { "//".to_owned() } else { segment.to_owned() }));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> UrlError {
        Url::parse(text).expect_err(text)
    }

    #[test]
    fn takes_a_url_apart_as_written() {
        let url = Url::parse("https://mcp.example.com:8443/server/mcp").expect("valid");
        assert_eq!(
            url,
            Url {
                scheme: "https",
                host: "mcp.example.com",
                port: Some(8443),
                authority: "mcp.example.com:8443",
                path: "/server/mcp"
            }
        );
        let url = Url::parse("http://[::1]:1").expect("valid");
        assert_eq!((url.host, url.port, url.path, url.is_loopback()), ("[::1]", Some(1), "", true));
    }

    #[test]
    fn knows_loopback_hosts() {
        for (host, expected) in [
            ("localhost", true),
            ("127.0.0.1", true),
            ("127.8.9.10", true),
            ("[::1]", true),
            ("127.0.0.1.example.com", false),
            ("localhost.example.com", false),
            ("10.0.0.1", false),
        ] {
            assert_eq!(is_loopback(host), expected, "{host}");
        }
    }

    #[test]
    fn names_what_is_wrong() {
        let cases = [
            ("", UrlError::Empty),
            ("mcp.example.com", UrlError::MissingScheme(Some("https://mcp.example.com".to_owned()))),
            ("://mcp.example.com", UrlError::MissingScheme(Some("https://mcp.example.com".to_owned()))),
            ("ftp://mcp.example.com", UrlError::UnsupportedScheme("ftp".to_owned(), None)),
            (
                "HTTPS://mcp.example.com",
                UrlError::UnsupportedScheme("HTTPS".to_owned(), Some("https://mcp.example.com".to_owned())),
            ),
            ("https://", UrlError::MissingHost),
            ("https:///mcp", UrlError::MissingHost),
            ("https://:80/mcp", UrlError::MissingHost),
            ("https://user:secret@example.com", UrlError::Credentials),
            ("https://example.com/a?b", UrlError::Query),
            ("https://example.com?b", UrlError::Query),
            ("https://example.com/a#b", UrlError::Fragment),
            ("https://Example.com/A", UrlError::UpperCaseHost("https://example.com/A".to_owned())),
            ("https://exa mple.com", UrlError::Forbidden(' ')),
            ("https://example.com/\u{e9}", UrlError::NotAscii('\u{e9}')),
            ("https://example.com/\n", UrlError::Forbidden('\n')),
            ("https://example.com/\"", UrlError::Forbidden('"')),
            ("https://example.com/{id}", UrlError::Forbidden('{')),
            ("https://example.com/%2", UrlError::InvalidPercentEncoding),
            ("https://example.com/%zz", UrlError::InvalidPercentEncoding),
            ("https://example.com:0", UrlError::InvalidPort("0".to_owned())),
            ("https://example.com:", UrlError::InvalidPort(String::new())),
            ("https://example.com:080", UrlError::InvalidPort("080".to_owned())),
            ("https://example.com:+80", UrlError::InvalidPort("+80".to_owned())),
            ("https://example.com:99999", UrlError::InvalidPort("99999".to_owned())),
            ("https://256.1.1.1", UrlError::InvalidHost("256.1.1.1".to_owned())),
            ("https://1.2.3", UrlError::InvalidHost("1.2.3".to_owned())),
            ("https://-a.com", UrlError::InvalidHost("-a.com".to_owned())),
            ("https://a..com", UrlError::InvalidHost("a..com".to_owned())),
            ("https://[::1", UrlError::InvalidHost("[::1".to_owned())),
            ("https://[zz]", UrlError::InvalidHost("[zz]".to_owned())),
            ("https://[::0:1]/mcp", UrlError::UnstableHost("https://[::1]/mcp".to_owned())),
            ("https://[2001:DB8::1]", UrlError::UpperCaseHost("https://[2001:db8::1]".to_owned())),
            ("http://[::ffff:127.0.0.1]/mcp", UrlError::UnstableHost("http://127.0.0.1/mcp".to_owned())),
            ("https://example.com/[a]", UrlError::Forbidden('[')),
            ("https://example.com/a/../b", UrlError::UnstablePath("..".to_owned())),
            ("https://example.com/%2e%2E/b", UrlError::UnstablePath("%2e%2E".to_owned())),
            ("https://example.com//b", UrlError::UnstablePath("//".to_owned())),
        ];
        for (text, expected) in cases {
            assert_eq!(error(text), expected, "{text}");
        }
    }

    #[test]
    fn no_client_connects_to_what_a_server_listens_on() {
        for host in
            ["0.0.0.0", "0", "0.0", "000.0.0.0", "0x0", "[::]", "[::0]", "[0:0:0:0:0:0:0:0]", "[::ffff:0.0.0.0]"]
        {
            let expected = UrlError::Unspecified(host.to_owned(), "http://127.0.0.1:8000/mcp".to_owned());
            for scheme in ["http", "https"] {
                assert_eq!(error(&format!("{scheme}://{host}:8000/mcp")), expected, "{host}");
            }
        }
        assert!(Url::parse("https://0.example.com").is_ok());
    }

    #[test]
    fn a_credential_is_not_repeated() {
        assert!(!error("https://user:secret@example.com").to_string().contains("secret"));
    }

    #[test]
    fn a_documentation_url_may_have_a_query_and_a_fragment() {
        assert_eq!(documentation_url("https://example.com/docs?page=1#top"), Ok(()));
        assert_eq!(
            documentation_url("example.com/docs"),
            Err(UrlError::MissingScheme(Some("https://example.com/docs".to_owned())))
        );
        assert_eq!(documentation_url("https://example.com/docs?a b"), Err(UrlError::Forbidden(' ')));
    }
}
