//! Target URIs of HTTP requests, in the one form in which they are compared.

use crate::resource_uri::{has_valid_escapes, with_normal_escapes};
use crate::url::check_characters;

/// The target URI of an HTTP request, without query and fragment, in its normal form.
///
/// Two spellings of one address have the same normal form (RFC 3986 §6.2.2 and §6.2.3; RFC 9449 §4.3):
///
/// - Scheme and host are in lower case.
/// - Unreserved characters are not escaped, and other escapes are in upper case.
/// - There are no segments `.` and `..`.
/// - There is no default port, and no empty path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetUri(String);

impl TargetUri {
    /// Parses an absolute `http` or `https` URI.
    ///
    /// Returns `None` if the text is none, or if it has a user name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let end = text.find(['?', '#']).unwrap_or(text.len());
        let (text, rest) = text.split_at(end);
        if check_characters(text).is_err() || check_characters(rest).is_err() || !has_valid_escapes(text) {
            return None;
        }
        let (scheme, rest) = text.split_once("://")?;
        let (scheme, default_port) = match &*scheme.to_ascii_lowercase() {
            "https" => ("https", "443"),
            "http" => ("http", "80"),
            _ => return None,
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let host_end = authority.rfind(']').map_or(0, |bracket| bracket + 1);
        let (host, port) = match authority.get(host_end..)?.find(':') {
            Some(colon) => (authority.get(..host_end + colon)?, authority.get(host_end + colon + 1..)?),
            None => (authority, ""),
        };
        let is_port = port.len() <= 5 && port.bytes().all(|digit| digit.is_ascii_digit()) && !port.starts_with('0');
        if host.is_empty() || host.contains(['@', '%']) || !is_port {
            return None;
        }
        let mut out = format!("{scheme}://{}", host.to_ascii_lowercase());
        if !port.is_empty() && port != default_port {
            out.push(':');
            out.push_str(port);
        }
        push_path(&mut out, &with_normal_escapes(path));
        Some(Self(out))
    }

    /// Returns the normal form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Writes a path without its dot segments (RFC 3986 §5.2.4).
fn push_path(out: &mut String, path: &str) {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            segment => {
                kept.push(segment);
                continue;
            }
        }
        // A dot segment at the end stands for a folder.
        if is_last {
            kept.push("");
        }
    }
    if kept.is_empty() {
        out.push('/');
    }
    for segment in kept {
        out.push('/');
        out.push_str(segment);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(text: &str) -> Option<String> {
        TargetUri::parse(text).map(|uri| uri.0)
    }

    #[test]
    fn spellings_of_one_address_have_one_form() {
        for text in [
            "https://mcp.example.com/mcp",
            "HTTPS://MCP.example.COM/mcp",
            "https://mcp.example.com:443/mcp",
            "https://mcp.example.com:/mcp",
            "https://mcp.example.com/%6dc%70",
            "https://mcp.example.com/./mcp",
            "https://mcp.example.com/a/../mcp",
            "https://mcp.example.com/a/%2E%2e/mcp",
            "https://mcp.example.com/../mcp",
            "https://mcp.example.com/mcp?a=b#c",
            "https://mcp.example.com/mcp#c?",
        ] {
            assert_eq!(normal(text).as_deref(), Some("https://mcp.example.com/mcp"), "{text}");
        }
        for (text, expected) in [
            ("https://mcp.example.com", "https://mcp.example.com/"),
            ("https://mcp.example.com?x", "https://mcp.example.com/"),
            ("https://mcp.example.com/a/..", "https://mcp.example.com/"),
            ("https://mcp.example.com/a/.", "https://mcp.example.com/a/"),
            ("https://mcp.example.com/a%2fb", "https://mcp.example.com/a%2Fb"),
            ("http://[::1]:8000/mcp", "http://[::1]:8000/mcp"),
            ("http://127.0.0.1:80/", "http://127.0.0.1/"),
        ] {
            assert_eq!(normal(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_addresses_stay_others_and_other_texts_are_none() {
        for text in [
            "http://mcp.example.com/mcp",
            "https://mcp.example.com:8443/mcp",
            "https://mcp.example.com/MCP",
            "https://mcp.example.com/mcp/",
            "https://mcp.example.com//mcp",
            "https://mcp.example.com/%2570mcp",
            "https://mcp.example.com.evil.example/mcp",
        ] {
            assert!(normal(text).is_some_and(|form| form != "https://mcp.example.com/mcp"), "{text}");
        }
        for text in [
            "",
            "/mcp",
            "mcp.example.com/mcp",
            "ftp://mcp.example.com/mcp",
            "https:///mcp",
            "https://user@mcp.example.com/mcp",
            "https://mcp.example.com:x/mcp",
            "https://mcp.example.com:0443/mcp",
            "https://mcp.example.com/%zz",
            "https://mcp.example.com/%",
            "https://mcp.example.com/m c",
            "https://mcp.example.com\\mcp",
            "https://mcp.ex%61mple.com/mcp",
            "https://mcp.exämple.com/mcp",
        ] {
            assert_eq!(normal(text), None, "{text}");
        }
    }
}
