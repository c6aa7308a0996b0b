//! Constants about an API that is called in a user's name, checked when they are compiled.

/// Returns the mistake in the URI of an API, if there is one (RFC 8707 §2).
///
/// The URI is absolute, without user, query and fragment. `http` is accepted for loopback hosts.
#[must_use]
pub const fn target_resource_mistake(uri: &str) -> Option<&'static str> {
    let bytes = uri.as_bytes();
    let (host, is_secure) = if starts_with(bytes, b"https://") {
        (8, true)
    } else if starts_with(bytes, b"http://") {
        (7, false)
    } else {
        return Some("the resource of a target is no `https` URI; write one like `https://graph.microsoft.com`");
    };
    let mut index = host;
    let mut end = bytes.len();
    while index < bytes.len() {
        match bytes[index] {
            b'#' | b'?' => return Some("the resource of a target has a query or a fragment; remove it"),
            b'@' if index < end => return Some("the resource of a target has a user name; remove the part up to `@`"),
            b'/' if end == bytes.len() => end = index,
            b'!'..=b'~' if !matches!(bytes[index], b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}') => {}
            _ => {
                return Some(
                    "the resource of a target has a character that no URI can have; percent-encode it or remove it",
                );
            }
        }
        index += 1;
    }
    if end == host || bytes[host] == b':' {
        return Some("the resource of a target has no host; write one like `https://graph.microsoft.com`");
    }
    if !is_secure && !is_loopback(bytes, host, end) {
        return Some("the resource of a target has `http`, which is for loopback hosts only; write `https`");
    }
    None
}

/// Returns the mistake in the name of an API at its authorization server, if there is one (RFC 8693 §2.1).
#[must_use]
pub const fn target_audience_mistake(audience: &str) -> Option<&'static str> {
    let bytes = audience.as_bytes();
    let mut index = 0;
    while index < bytes.len() {
        if !matches!(bytes[index], b'!'..=b'~') {
            return Some(
                "the audience of a target has a character that is not visible ASCII; write it as the authorization server has it",
            );
        }
        index += 1;
    }
    if bytes.is_empty() { Some("the audience of a target is empty; leave the constant out") } else { None }
}

/// Returns the mistake in a scope of an API, if there is one (RFC 6749 §3.3).
///
/// Unlike the scopes of a server, it is written as its API has it, also as a URI.
#[must_use]
pub const fn target_scope_mistake(scope: &str) -> Option<&'static str> {
    let bytes = scope.as_bytes();
    let mut index = 0;
    while index < bytes.len() {
        match bytes[index] {
            b' ' | b',' => return Some("a scope of a target is a list; write each scope as a text of its own"),
            b'!' | b'#'..=b'[' | b']'..=b'~' => {}
            _ => return Some("a scope of a target has a character that no scope can have (RFC 6749 §3.3)"),
        }
        index += 1;
    }
    if bytes.is_empty() { Some("a scope of a target is empty; remove it") } else { None }
}

const fn is_loopback(uri: &[u8], start: usize, end: usize) -> bool {
    is_host(uri, start, end, b"127.0.0.1")
        || is_host(uri, start, end, b"localhost")
        || is_host(uri, start, end, b"[::1]")
}

/// Returns `true` if the authority is this host, perhaps with a port.
const fn is_host(uri: &[u8], start: usize, end: usize, host: &[u8]) -> bool {
    let mut index = 0;
    while index < host.len() {
        if start + index >= end || uri[start + index] != host[index] {
            return false;
        }
        index += 1;
    }
    start + index == end || uri[start + index] == b':'
}

const fn starts_with(text: &[u8], start: &[u8]) -> bool {
    let mut index = 0;
    while index < start.len() {
        if index >= text.len() || text[index] != start[index] {
            return false;
        }
        index += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_an_absolute_secure_uri() {
        for uri in [
            "https://graph.microsoft.com",
            "https://api.example.com/",
            "https://api.example.com:8443/v1/a%20b",
            "http://127.0.0.1:9000/api",
            "http://localhost",
            "http://[::1]:9000",
        ] {
            assert_eq!(target_resource_mistake(uri), None, "{uri}");
        }
        for (uri, mistake) in [
            ("", "no `https` URI"),
            ("graph.microsoft.com", "no `https` URI"),
            ("api://notes", "no `https` URI"),
            ("https://", "no host"),
            ("https:///path", "no host"),
            ("https://:443", "no host"),
            ("https://user@api.example.com", "user name"),
            ("https://api.example.com?a", "query"),
            ("https://api.example.com/#a", "fragment"),
            ("https://api.example.com/a b", "character"),
            ("https://api.example.com/\"", "character"),
            ("https://api.example.com/é", "character"),
            ("http://api.example.com", "loopback"),
            ("http://127.0.0.1.example.com", "loopback"),
            ("http://localhost.example.com", "loopback"),
        ] {
            assert!(target_resource_mistake(uri).is_some_and(|found| found.contains(mistake)), "{uri}");
        }
    }

    #[test]
    fn names_and_scopes_are_single_words() {
        assert_eq!(target_audience_mistake("api://535fb089-9ff3-47b6-9bfb-4f1264799865"), None);
        assert!(target_audience_mistake("").is_some() && target_audience_mistake("a b").is_some());
        for scope in ["events:read", "https://graph.microsoft.com/User.Read", ".default"] {
            assert_eq!(target_scope_mistake(scope), None, "{scope}");
        }
        for scope in ["", "a b", "a,b", "a\"", "a\\", "é"] {
            assert!(target_scope_mistake(scope).is_some(), "{scope}");
        }
    }
}
