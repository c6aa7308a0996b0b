//! OAuth scopes.

use std::fmt;

use crate::placeholder::enclosed;

/// An OAuth scope (RFC 6749 §3.3): visible ASCII except `"` and `\`.
///
/// Because of the alphabet, a quoted header parameter can contain a scope without escaping.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scope(String);

impl Scope {
    /// Parses a scope.
    ///
    /// # Errors
    /// [`ScopeError`] if the text is not one scope, or is one that a resource server must not require.
    pub fn parse(text: impl Into<String>) -> Result<Self, ScopeError> {
        let scope = Self::parse_extra(text)?;
        if scope.0 == "offline_access" { Err(ScopeError::OfflineAccess) } else { Ok(scope) }
    }

    /// Parses a scope that clients request and that tokens need not have.
    ///
    /// # Errors
    /// [`ScopeError`] if the text is not one scope.
    pub fn parse_extra(text: impl Into<String>) -> Result<Self, ScopeError> {
        let text = text.into();
        check_form(&text)?;
        match text.chars().find(|c| !matches!(c, '!' | '#'..='[' | ']'..='~')) {
            Some(c) => Err(ScopeError::Forbidden(c)),
            None => Ok(Self(text)),
        }
    }

    /// Returns the scope as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Refuses lists, headers and placeholders, which no authorization server grants.
fn check_form(text: &str) -> Result<(), ScopeError> {
    if let Some(scheme) = ["Bearer", "DPoP"].into_iter().find(|scheme| {
        let (start, rest) = text.split_at_checked(scheme.len()).unwrap_or((text, ""));
        start.eq_ignore_ascii_case(scheme) && (rest.is_empty() || rest.starts_with(char::is_whitespace))
    }) {
        return Err(ScopeError::AuthenticationScheme(scheme));
    }
    if text == "*" {
        return Err(ScopeError::Wildcard);
    }
    let scopes = listed_scopes(text);
    if scopes.is_empty() {
        return Err(ScopeError::Empty);
    }
    if scopes != [text] {
        let scopes = scopes.into_iter().map(str::to_owned).collect();
        return Err(if text.contains(char::is_whitespace) {
            ScopeError::Space(scopes)
        } else {
            ScopeError::List(scopes)
        });
    }
    match enclosed(text)
        .or_else(|| text.starts_with('$').then_some(text))
        .or_else(|| (text == "…" || text == "...").then_some(text))
    {
        Some(placeholder) => Err(ScopeError::Placeholder(placeholder.to_owned())),
        None => Ok(()),
    }
}

/// Splits a list of scopes: a header, a JSON array or a query.
///
/// Such a text may start with `scope=`, have quotes or brackets, and separate its scopes with spaces, commas or `%20`.
#[must_use]
pub fn listed_scopes(text: &str) -> Vec<&str> {
    let is_around = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',');
    let list = text.trim();
    let list = ["scope=", "scopes="].iter().find_map(|name| list.strip_prefix(name)).unwrap_or(list);
    let list = list.trim_matches(is_around);
    let list = list.strip_prefix('[').and_then(|list| list.strip_suffix(']')).unwrap_or(list);
    list.split(|c: char| c.is_whitespace() || c == ',')
        .flat_map(|part| part.split("%20"))
        .map(|scope| scope.trim_matches(is_around))
        .filter(|scope| !scope.is_empty())
        .collect()
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The error type of [`Scope::parse`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScopeError {
    /// The text is empty.
    Empty,
    /// The text has white space; carries the scopes that it separates.
    Space(Vec<String>),
    /// The text is a list, or encloses a scope; carries the scopes.
    List(Vec<String>),
    /// The text is an authentication scheme, such as `Bearer`.
    AuthenticationScheme(&'static str),
    /// The text is `*`, which includes no other scopes.
    Wildcard,
    /// The text has a placeholder, such as `${SCOPE}`.
    Placeholder(String),
    /// The text has a character that RFC 6749 §3.3 does not allow.
    Forbidden(char),
    /// The scope is `offline_access`, which concerns the authorization server only.
    OfflineAccess,
}

impl fmt::Display for ScopeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a scope cannot be empty; name it, or remove it"),
            Self::Space(scopes) => write!(f, "a scope has no spaces; write each on its own: `[{}]`", quoted(scopes)),
            Self::List(scopes) => match &scopes[..] {
                [scope] => write!(f, "the scope is what a token has in its list; write `{scope:?}` alone"),
                _ => write!(f, "these are {} scopes in one text; write `[{}]`", scopes.len(), quoted(scopes)),
            },
            Self::AuthenticationScheme(scheme) => write!(
                f,
                "`{scheme}` says how a token is sent, and no token has it as a scope; name a scope of your authorization \
                 server, or remove it"
            ),
            Self::Wildcard => f.write_str(
                "scopes are compared as they are, and `*` includes no others; name each, or declare in `hierarchy` which \
                 scope includes which",
            ),
            Self::Placeholder(placeholder) => {
                write!(f, "nothing fills in the placeholder `{placeholder}`; write the scope")
            }
            Self::Forbidden(c) => write!(
                f,
                "a scope cannot contain {c:?}; allowed are the visible ASCII characters except `\"` and `\\`"
            ),
            Self::OfflineAccess => f.write_str(
                "`offline_access` asks the authorization server for a refresh token; a resource never requires it, so remove it",
            ),
        }
    }
}

fn quoted(scopes: &[String]) -> String {
    scopes.iter().map(|scope| format!("{scope:?}")).collect::<Vec<_>>().join(", ")
}

impl std::error::Error for ScopeError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_the_alphabet_of_rfc_6749() {
        for text in [
            "notes:read",
            "https://example.com/scope",
            "a",
            "!#[]~",
            "api://x/.default",
            "notes:*",
            "notes.read+write",
            "bearer:read",
        ] {
            assert_eq!(Scope::parse(text).as_ref().map(Scope::as_str), Ok(text));
        }
    }

    #[test]
    fn names_what_is_wrong() {
        let list = |scopes: &[&str]| scopes.iter().map(|&scope| scope.to_owned()).collect();
        let cases = [
            ("", ScopeError::Empty),
            ("  ", ScopeError::Empty),
            ("a b", ScopeError::Space(list(&["a", "b"]))),
            (" a", ScopeError::Space(list(&["a"]))),
            ("a, b", ScopeError::Space(list(&["a", "b"]))),
            ("scope=a b", ScopeError::Space(list(&["a", "b"]))),
            ("a,b", ScopeError::List(list(&["a", "b"]))),
            ("a%20b", ScopeError::List(list(&["a", "b"]))),
            ("a,", ScopeError::List(list(&["a"]))),
            ("scope=a", ScopeError::List(list(&["a"]))),
            ("scope=\"a\"", ScopeError::List(list(&["a"]))),
            ("\"a\"", ScopeError::List(list(&["a"]))),
            ("'a'", ScopeError::List(list(&["a"]))),
            ("[\"a\",\"b\"]", ScopeError::List(list(&["a", "b"]))),
            ("Bearer", ScopeError::AuthenticationScheme("Bearer")),
            ("bearer a", ScopeError::AuthenticationScheme("Bearer")),
            ("*", ScopeError::Wildcard),
            ("${SCOPE}", ScopeError::Placeholder("${SCOPE}".to_owned())),
            ("$SCOPE", ScopeError::Placeholder("$SCOPE".to_owned())),
            ("api://{id}/read", ScopeError::Placeholder("{id}".to_owned())),
            ("<scope>", ScopeError::Placeholder("<scope>".to_owned())),
            ("…", ScopeError::Placeholder("…".to_owned())),
            (",", ScopeError::Empty),
            ("[]", ScopeError::Empty),
            ("a\"b", ScopeError::Forbidden('"')),
            ("a\\b", ScopeError::Forbidden('\\')),
            ("a\u{7f}", ScopeError::Forbidden('\u{7f}')),
            ("\u{e9}", ScopeError::Forbidden('\u{e9}')),
            ("offline_access", ScopeError::OfflineAccess),
        ];
        for (text, expected) in cases {
            assert_eq!(Scope::parse(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn a_client_may_ask_for_more_than_a_resource_requires() {
        assert_eq!(Scope::parse_extra("offline_access").as_ref().map(Scope::as_str), Ok("offline_access"));
        assert_eq!(Scope::parse_extra("a b"), Scope::parse("a b"));
    }
}
