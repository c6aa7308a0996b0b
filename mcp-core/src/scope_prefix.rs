//! Prefixes of scopes.

use std::fmt;

use crate::placeholder::enclosed;
use crate::scope::{Scope, ScopeError};

/// The text before each scope of a server when clients request it.
///
/// Some authorization servers grant a scope under a longer name than the one that they write into tokens. With a prefix,
/// metadata and challenges have the longer name, and tokens are checked for the server's own name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopePrefix {
    /// Set if the prefix starts with the resource of the server.
    follows_resource: bool,
    text: String,
}

impl ScopePrefix {
    /// The placeholder for the resource, at the start of a prefix.
    pub const RESOURCE: &str = "{resource}";

    /// The characters that may separate a prefix from a scope.
    const SEPARATORS: &[char] = &['/', ':', '.', '#', '-', '_', '|'];

    /// Parses a prefix of the scopes of `resource`.
    ///
    /// A text that starts with the resource itself is equal to one that starts with [`RESOURCE`](Self::RESOURCE).
    ///
    /// # Errors
    /// [`ScopePrefixError`] if the prefixed scopes would be invalid, or if no separator ends the prefix.
    pub fn parse(text: &str, resource: &str) -> Result<Self, ScopePrefixError> {
        let rest = text.strip_prefix(Self::RESOURCE).or_else(|| Self::strip_resource(resource, text));
        let prefix = Self { follows_resource: rest.is_some(), text: rest.unwrap_or(text).to_owned() };
        prefix.check_form()?;
        Ok(prefix)
    }

    /// Reads the output of [`Display`](fmt::Display), without checking it again.
    #[must_use]
    pub fn declared(text: &str) -> Self {
        let rest = text.strip_prefix(Self::RESOURCE);
        Self { follows_resource: rest.is_some(), text: rest.unwrap_or(text).to_owned() }
    }

    /// Returns the name under which clients request `scope` of `resource`.
    #[must_use]
    pub fn name(&self, scope: &str, resource: &str) -> String {
        format!("{}{}{scope}", self.resource(resource), self.text)
    }

    /// Checks that a scope does not start with the prefix.
    ///
    /// # Errors
    /// [`ScopePrefixError::Doubled`] if clients would request the prefix twice.
    pub fn check(&self, scope: &str, resource: &str) -> Result<(), ScopePrefixError> {
        let rest = scope.strip_prefix(self.resource(resource)).and_then(|rest| rest.strip_prefix(&*self.text));
        match rest {
            Some(rest) => Err(ScopePrefixError::Doubled { scope: scope.to_owned(), own: rest.to_owned() }),
            None => Ok(()),
        }
    }

    fn resource<'a>(&self, resource: &'a str) -> &'a str {
        if self.follows_resource { resource } else { "" }
    }

    /// Returns the rest of a text that starts with the resource. A longer URL does not count.
    fn strip_resource<'a>(resource: &str, text: &'a str) -> Option<&'a str> {
        let rest = text.strip_prefix(resource)?;
        let is_separator = rest.len() == 1 && rest.ends_with(Self::SEPARATORS);
        (rest.is_empty() || rest.starts_with('/') || is_separator).then_some(rest)
    }

    fn check_form(&self) -> Result<(), ScopePrefixError> {
        if self.text.is_empty() && !self.follows_resource {
            return Err(ScopePrefixError::Empty);
        }
        if self.text.contains(Self::RESOURCE) {
            return Err(ScopePrefixError::ResourceInside);
        }
        if let Some(placeholder) = enclosed(&self.text) {
            return Err(ScopePrefixError::Placeholder(placeholder.to_owned()));
        }
        // The alphabet of RFC 6749 §3.3, without the comma. Only the text is checked, because a resource is a URL.
        if let Some(c) = self.text.chars().find(|c| !matches!(c, '!' | '#'..='+' | '-'..='[' | ']'..='~')) {
            return Err(ScopePrefixError::Forbidden(c));
        }
        if !self.text.ends_with(Self::SEPARATORS) {
            return Err(ScopePrefixError::NoSeparator(format!("{self}/")));
        }
        Scope::parse(format!("{}scope", self.text)).map(drop).map_err(ScopePrefixError::Scope)
    }
}

/// Writes a prefix with [`RESOURCE`](ScopePrefix::RESOURCE) in place of the resource.
impl fmt::Display for ScopePrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.resource(Self::RESOURCE))?;
        f.write_str(&self.text)
    }
}

/// The error type of [`ScopePrefix::parse`] and [`ScopePrefix::check`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScopePrefixError {
    /// The text is empty.
    Empty,
    /// The text has `{resource}` after something else.
    ResourceInside,
    /// The text has a placeholder other than `{resource}`, such as `{id}`.
    Placeholder(String),
    /// The text has a comma, or a character that no scope has.
    Forbidden(char),
    /// The text does not end with a separator; carries a correction.
    NoSeparator(String),
    /// The prefixed scopes are invalid.
    Scope(ScopeError),
    /// A scope starts with the prefix.
    Doubled {
        /// The scope as written.
        scope: String,
        /// The scope without the prefix.
        own: String,
    },
}

impl fmt::Display for ScopePrefixError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => {
                f.write_str("a prefix cannot be empty; write what clients put before a scope, like `{resource}/`")
            }
            Self::ResourceInside => {
                f.write_str("`{resource}` is a URL, so it comes first; write a prefix like `{resource}/`")
            }
            Self::Placeholder(placeholder) => write!(
                f,
                "nothing fills in the placeholder `{placeholder}`, only `{{resource}}`; write the value, or give one that \
                 is only known at start to `mcp::Protection`"
            ),
            Self::Forbidden(c) => write!(
                f,
                "a prefix cannot contain {c:?}; allowed are the visible ASCII characters except `\"`, `,` and `\\`"
            ),
            Self::NoSeparator(suggestion) => write!(
                f,
                "the scope is put right behind the prefix, so it ends in `/`, `:` or another separator; write \
                 `{suggestion}`"
            ),
            Self::Scope(error) => error.fmt(f),
            Self::Doubled { scope, own } if own.is_empty() => {
                write!(f, "the scope `{scope}` is the `scope_prefix` alone; write what stands behind it")
            }
            Self::Doubled { scope, own } => {
                write!(f, "the scope `{scope}` begins with the `scope_prefix`, which is put before it; write `{own}`")
            }
        }
    }
}

impl std::error::Error for ScopePrefixError {}

#[cfg(test)]
mod tests {
    use super::*;

    const RESOURCE: &str = "https://notes.example.com/mcp";

    #[test]
    fn a_prefix_follows_the_resource_or_is_fixed() {
        let other = "https://staging.example.com";
        for (text, written, here, there) in [
            ("{resource}/", "{resource}/", "https://notes.example.com/mcp/read", "https://staging.example.com/read"),
            (
                "https://notes.example.com/mcp/",
                "{resource}/",
                "https://notes.example.com/mcp/read",
                "https://staging.example.com/read",
            ),
            (
                "https://notes.example.com/mcp/scopes/",
                "{resource}/scopes/",
                "https://notes.example.com/mcp/scopes/read",
                "https://staging.example.com/scopes/read",
            ),
            (
                "https://notes.example.com/mcp#",
                "{resource}#",
                "https://notes.example.com/mcp#read",
                "https://staging.example.com#read",
            ),
            (
                "https://notes.example.com/mcp2/",
                "https://notes.example.com/mcp2/",
                "https://notes.example.com/mcp2/read",
                "https://notes.example.com/mcp2/read",
            ),
            ("api://0000/", "api://0000/", "api://0000/read", "api://0000/read"),
            ("urn:notes:", "urn:notes:", "urn:notes:read", "urn:notes:read"),
        ] {
            let prefix = ScopePrefix::parse(text, RESOURCE).expect(text);
            assert_eq!(prefix.to_string(), written, "{text}");
            assert_eq!(ScopePrefix::declared(written), prefix, "{text}");
            assert_eq!(prefix.name("read", RESOURCE), here, "{text}");
            assert_eq!(prefix.name("read", other), there, "{text}");
        }
        let port = ScopePrefix::parse("https://notes.example.com:8443/", "https://notes.example.com");
        assert_eq!(port.map(|prefix| prefix.to_string()).as_deref(), Ok("https://notes.example.com:8443/"));
    }

    #[test]
    fn names_what_is_wrong() {
        use ScopePrefixError::{Empty, Forbidden, NoSeparator, Placeholder, ResourceInside};

        for (text, expected) in [
            ("", Empty),
            ("{resource}", NoSeparator("{resource}/".to_owned())),
            (RESOURCE, NoSeparator("{resource}/".to_owned())),
            ("api://0000", NoSeparator("api://0000/".to_owned())),
            ("api://{resource}/", ResourceInside),
            ("{resource}{resource}/", ResourceInside),
            ("api://{id}/", Placeholder("{id}".to_owned())),
            ("{Resource}/", Placeholder("{Resource}".to_owned())),
            ("${PREFIX}/", Placeholder("${PREFIX}".to_owned())),
            ("$PREFIX/", ScopePrefixError::Scope(ScopeError::Placeholder("$PREFIX/scope".to_owned()))),
            ("a b/", Forbidden(' ')),
            ("a,b/", Forbidden(',')),
            ("\"a\"/", Forbidden('"')),
            ("a\\", Forbidden('\\')),
            ("\u{e9}/", Forbidden('\u{e9}')),
        ] {
            assert_eq!(ScopePrefix::parse(text, RESOURCE), Err(expected), "{text}");
        }
    }

    #[test]
    fn a_scope_is_written_without_it() {
        let prefix = ScopePrefix::parse("{resource}/", RESOURCE).expect("a prefix");
        assert_eq!(prefix.check("read", RESOURCE), Ok(()));
        assert_eq!(prefix.check("https://notes.example.com/mcp/read", "https://other.example.com"), Ok(()));
        let doubled =
            |scope: &str, own: &str| Err(ScopePrefixError::Doubled { scope: scope.to_owned(), own: own.to_owned() });
        for (scope, own) in [("https://notes.example.com/mcp/read", "read"), ("https://notes.example.com/mcp/", "")] {
            assert_eq!(prefix.check(scope, RESOURCE), doubled(scope, own));
        }
    }
}
