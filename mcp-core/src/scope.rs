use std::fmt;

use crate::placeholder::enclosed;

/// One OAuth scope (RFC 6749 §3.3): visible ASCII without space, quote and backslash.
///
/// The alphabet is why a scope can stand in a quoted header parameter without escaping.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scope(String);

impl Scope {
    /// Checks and keeps a scope.
    ///
    /// # Errors
    /// [`ScopeError`] when it is not one scope, or one that a resource server must not ask for.
    pub fn parse(text: impl Into<String>) -> Result<Self, ScopeError> {
        let scope = Self::parse_extra(text)?;
        if scope.0 == "offline_access" { Err(ScopeError::OfflineAccess) } else { Ok(scope) }
    }

    /// Checks and keeps a scope that clients ask for and that no token must have.
    ///
    /// # Errors
    /// [`ScopeError`] when it is not one scope.
    pub fn parse_extra(text: impl Into<String>) -> Result<Self, ScopeError> {
        let text = text.into();
        check_form(&text)?;
        match text.chars().find(|c| !matches!(c, '!' | '#'..='[' | ']'..='~')) {
            Some(c) => Err(ScopeError::Forbidden(c)),
            None => Ok(Self(text)),
        }
    }

    /// The scope as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Refuses what the alphabet allows and no authorization server grants: lists, headers, templates.
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

/// Returns the scopes of a text that lists some, as a header, a JSON array or another framework would.
///
/// Such texts have the scopes behind `scope=`, in quotes or brackets, and between them spaces, commas or `%20`.
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

/// Why a text is not a scope that a resource server can ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScopeError {
    /// The text is empty.
    Empty,
    /// There is white space inside; carries the scopes that it parts.
    Space(Vec<String>),
    /// A list, or a scope within something else; carries the scopes.
    List(Vec<String>),
    /// The name of an authentication scheme, as it stands in a header in front of a token.
    AuthenticationScheme(&'static str),
    /// `*`, which is no wildcard.
    Wildcard,
    /// A placeholder that nothing fills in, such as `${SCOPE}`.
    Placeholder(String),
    /// A character outside of the alphabet of RFC 6749 §3.3.
    Forbidden(char),
    /// `offline_access` asks for a refresh token, which is between a client and its authorization server.
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
