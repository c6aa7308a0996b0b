//! Texts that are mistaken for URLs: paths, ids, lists, names.

use crate::placeholder::placeholder;
use crate::url::{UrlError, check_host, is_loopback, split_port};

/// Refuses texts around or in place of a URL, with a suggestion.
///
/// The rules of URLs would refuse most of them as well, but would name a character that is not the mistake.
pub(crate) fn check(text: &str) -> Result<(), UrlError> {
    let inner = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`'));
    let linked =
        inner.strip_prefix('<').and_then(|inner| inner.strip_suffix('>')).filter(|inner| inner.contains("://"));
    let inner = linked.unwrap_or(inner);
    if inner.is_empty() {
        return Err(UrlError::Empty);
    }
    // Credentials come first, because the errors below repeat the text.
    if inner.split("://").skip(1).any(|rest| rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())].contains('@')) {
        return Err(UrlError::Credentials);
    }
    let several: Vec<&str> = inner
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|'))
        .filter(|part| !part.is_empty())
        .collect();
    if several.len() > 1 && several.iter().all(|part| part.contains("://")) {
        return Err(UrlError::Several(several.into_iter().map(str::to_owned).collect()));
    }
    if inner.len() < text.len() {
        return Err(UrlError::Surrounded(inner.to_owned()));
    }
    if let Some(placeholder) = placeholder(text) {
        return Err(UrlError::Placeholder(placeholder.to_owned()));
    }
    Ok(())
}

/// Splits an HTTP URL into its scheme and the rest.
pub(crate) fn split_scheme(text: &str) -> Result<(&str, &str), UrlError> {
    match text.split_once("://") {
        None => Err(without_scheme(text)),
        Some((scheme @ ("https" | "http"), rest)) => Ok((scheme, rest)),
        Some(("", rest)) => Err(UrlError::MissingScheme(Some(over_http(rest)))),
        Some((scheme, rest)) => Err(UrlError::UnsupportedScheme(scheme.to_owned(), http_equivalent(scheme, rest))),
    }
}

/// Returns the HTTP URL with the same rest, if the scheme allows it.
fn http_equivalent(scheme: &str, rest: &str) -> Option<String> {
    match &*scheme.to_ascii_lowercase() {
        "http" | "ws" | "wss" | "https" => Some(over_http(rest)),
        _ => None,
    }
}

fn over_http(rest: &str) -> String {
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let host = split_port(authority).map_or(authority, |(host, _)| host);
    format!("{}://{rest}", if is_loopback(host) { "http" } else { "https" })
}

/// Returns the error for a text without `://`.
fn without_scheme(text: &str) -> UrlError {
    let not = |kind: &'static str| UrlError::NotAnAddress(kind);
    if let Some(rest) = text.strip_prefix("//") {
        return UrlError::MissingScheme(Some(over_http(rest)));
    }
    if let Some(rest) = text.strip_prefix("https:").or_else(|| text.strip_prefix("http:")) {
        return UrlError::MissingScheme(Some(over_http(rest.trim_start_matches('/'))));
    }
    let bytes = text.as_bytes();
    if text.contains('\\')
        || bytes[0].is_ascii_alphabetic() && bytes.get(1) == Some(&b':') && bytes.get(2) == Some(&b'/')
    {
        return not("the path of a file");
    }
    if text.starts_with(['/', '.', '~']) {
        return not("a path");
    }
    if text.contains('@') {
        return not("an e-mail address");
    }
    if is_uuid(text) {
        return not("an id");
    }
    let authority = &text[..text.find(['/', '?', '#']).unwrap_or(text.len())];
    match split_port(authority) {
        Ok((host, port)) if check_host(host, 0, host).is_ok() => {
            if port.is_some() || host.contains(['.', '[']) || is_loopback(host) {
                UrlError::MissingScheme(Some(over_http(text)))
            } else {
                not("a name")
            }
        }
        Err(UrlError::InvalidPort(_)) => match text.split_once(':') {
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("urn") => not("a URN"),
            Some((scheme, _)) if !scheme.contains('.') => UrlError::UnsupportedScheme(scheme.to_owned(), None),
            _ => UrlError::MissingScheme(None),
        },
        _ => UrlError::MissingScheme(None),
    }
}

/// Returns `true` for the form of a UUID (RFC 9562 §4).
fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        check(text).and_then(|()| split_scheme(text)).expect_err(text).to_string()
    }

    #[test]
    fn says_what_to_write_in_place_of_it() {
        let cases = [
            ("mcp.example.com", "`https://mcp.example.com`"),
            ("mcp.example.com/mcp", "`https://mcp.example.com/mcp`"),
            ("//mcp.example.com/mcp", "`https://mcp.example.com/mcp`"),
            ("://mcp.example.com/mcp", "`https://mcp.example.com/mcp`"),
            ("https:mcp.example.com", "`https://mcp.example.com`"),
            ("https:/mcp.example.com", "`https://mcp.example.com`"),
            ("localhost:8000/mcp", "`http://localhost:8000/mcp`"),
            ("127.0.0.1:8000", "`http://127.0.0.1:8000`"),
            ("[::1]:8000/mcp", "`http://[::1]:8000/mcp`"),
            ("keycloak:8080", "`https://keycloak:8080`"),
            ("wss://mcp.example.com/mcp", "`https://mcp.example.com/mcp`"),
            ("ws://localhost:8000/mcp", "`http://localhost:8000/mcp`"),
            ("HTTPS://mcp.example.com/mcp", "`https://mcp.example.com/mcp`"),
            (" https://mcp.example.com/mcp\n", "`https://mcp.example.com/mcp`"),
            ("\"https://mcp.example.com/mcp\"", "`https://mcp.example.com/mcp`"),
            ("<https://mcp.example.com/mcp>", "`https://mcp.example.com/mcp`"),
            ("https://a.example.com https://b.example.com", "`\"https://a.example.com\", \"https://b.example.com\"`"),
            ("https://a.example.com,https://b.example.com", "`\"https://a.example.com\", \"https://b.example.com\"`"),
            ("https://${HOST}/mcp", "`${HOST}`"),
            ("https://{host}/mcp", "`mcp::Protection`"),
            ("api://notes/mcp", "the scheme `api`"),
            ("did:web:example.com", "the scheme `did`"),
            ("urn:example:mcp", "a URN"),
            ("/mcp", "a path"),
            ("./mcp", "a path"),
            ("C:\\mcp", "the path of a file"),
            ("C:/mcp", "the path of a file"),
            ("\\\\server\\mcp", "the path of a file"),
            ("5f0c8a1e-7d3b-4a55-9c7e-0123456789ab", "an id"),
            ("alice@example.com", "an e-mail address"),
            ("notes-api", "a name"),
        ];
        for (text, words) in cases {
            assert!(message(text).contains(words), "{text}: {}", message(text));
        }
        assert_eq!(check(""), Err(UrlError::Empty));
        assert_eq!(check("  "), Err(UrlError::Empty));
    }

    #[test]
    fn a_credential_is_not_repeated() {
        for text in [
            "https://user:secret@example.com",
            " https://user:secret@example.com",
            "user:secret@example.com",
            "https://a.example.com https://user:secret@b.example.com",
        ] {
            assert!(!message(text).contains("secret"), "{text}");
        }
    }

    #[test]
    fn leaves_an_address_to_the_rules_of_its_parts() {
        for text in ["https://mcp.example.com/mcp", "http://localhost:8000", "https://a,b.example.com", "https://"] {
            assert!(check(text).is_ok() && split_scheme(text).is_ok(), "{text}");
        }
    }
}
