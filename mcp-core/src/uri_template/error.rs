//! The error of templates.

use std::fmt;

use crate::resource_uri::ResourceUriError;

/// The error type of [`UriTemplate::parse`](crate::UriTemplate::parse).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum UriTemplateError {
    /// The text around the variables is not a URI.
    Uri(ResourceUriError),
    /// A `{` has no `}`.
    Unclosed,
    /// A `}` has no `{`.
    Unopened,
    /// The name of a variable is invalid; carries the name.
    Name(String),
    /// Two variables have one name; carries the name.
    Twice(String),
    /// RFC 6570 does not define the operator.
    Operator(char),
    /// A variable has a prefix, `{id:3}`; carries its name.
    Prefix(String),
    /// A variable is a list, `{ids*}`; carries its name.
    Explode(String),
    /// Two variables are adjacent; carries their names.
    Adjacent(String, String),
    /// Two variables are spans; carries their names.
    TwoSpans(String, String),
    /// A literal or a variable comes after parameters.
    BehindParameters(String),
    /// Parameters come after a `#`; carries their operator.
    BehindFragment(char),
    /// The operator `;` comes after the query.
    BehindQuery,
    /// The operator `;` or `&` comes after a span, which matches its parameters.
    BehindSpan {
        /// The name of the span.
        name: String,
        /// The operator after the span.
        operator: char,
    },
    /// The query is in two expressions.
    SecondQuery,
    /// The template has `{?…}` after a `?`.
    QueryStarted,
    /// The template has `{&…}` without a `?` before.
    QueryNotStarted,
}

impl fmt::Display for UriTemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uri(error) => error.fmt(f),
            Self::Unclosed => f.write_str("a `{` has no `}`; write variables like `{id}`"),
            Self::Unopened => f.write_str("a `}` has no `{`; write variables like `{id}`"),
            Self::Name(name) if name.is_empty() => f.write_str("a variable has no name; write it like `{id}`"),
            Self::Name(name) => write!(
                f,
                "`{name}` is not the name of a variable, which has letters, digits, `_` and `.` inside; write one like `{{id}}`"
            ),
            Self::Twice(name) => write!(f, "the variable `{name}` is there twice; give one of them another name"),
            Self::Operator(operator) => {
                write!(f, "`{operator}` is not an operator; those of RFC 6570 are `+`, `#`, `.`, `/`, `;`, `?` and `&`")
            }
            Self::Prefix(name) => write!(
                f,
                "a prefix like `{{{name}:3}}` gives the start of a value, and the rest is not in the URI; write `{{{name}}}`"
            ),
            Self::Explode(name) => write!(
                f,
                "a list like `{{{name}*}}` does not tell where it ends; write `{{{name}}}`, or `{{+{name}}}` for everything \
                 up to what follows"
            ),
            Self::Adjacent(one, other) => write!(
                f,
                "nothing tells where `{one}` ends and `{other}` starts; write something in between, like \
                 `{{{one}}}/{{{other}}}`"
            ),
            Self::TwoSpans(one, other) => write!(
                f,
                "`{one}` and `{other}` both take everything, so nothing tells where one ends; write `{{{other}}}`, which ends \
                 at a `/`"
            ),
            Self::BehindParameters(text) => {
                write!(f, "`{text}` stands behind parameters, which may be absent; move it in front of them")
            }
            Self::BehindFragment(operator) => {
                write!(f, "`{{{operator}…}}` stands behind a `#`, where a URI has no parameters; move it in front")
            }
            Self::BehindQuery => f.write_str("`{;…}` stands behind a `?`; move it in front"),
            Self::BehindSpan { name, operator } => write!(
                f,
                "`{name}` takes everything, also what `{{{operator}…}}` stands for; write `{{{name}}}`, or `{{?…}}` behind it"
            ),
            Self::SecondQuery => f.write_str("the query is in two expressions; write one, like `{?q,lang}`"),
            Self::QueryStarted => f.write_str("there is a `?` already; write `{&…}` instead of `{?…}`"),
            Self::QueryNotStarted => f.write_str("there is no `?` in front of `{&…}`; write `{?…}`"),
        }
    }
}

impl std::error::Error for UriTemplateError {}
