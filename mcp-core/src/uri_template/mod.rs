//! Templates of URIs.

mod error;
mod expand;
mod parser;
#[cfg(test)]
mod tests;
mod values;

use std::fmt;

pub use self::error::UriTemplateError;
pub use self::expand::ExpansionError;
use self::parser::Parser;

/// A URI template (RFC 6570) that matches each URI in at most one way.
///
/// Templates match the normal form of URIs, [`NormalUri`](crate::NormalUri).
///
/// - `{id}`, `{.id}` and `{/id}` match up to `/`, `?`, `#`, `&`, `;` or `,`, which clients percent-encode in values.
///   Text after the variable ends the value at its first occurrence: in `{year}-{month}`, `year` has no `-`.
/// - `{+path}` and `{#path}` are spans, which match every character. A template has at most one.
/// - `{?q,lang}`, `{&q}` and `{;q}` are parameters by name, in any order. They come last, because each is optional.
///
/// Only values of parameters may be empty. Prefixes (`{id:3}`) and lists (`{ids*}`) are not supported, because a URI
/// does not determine their values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UriTemplate {
    text: String,
    /// The parts of every URI, in order. No variable is adjacent to another one.
    parts: Vec<TemplatePart>,
    /// The optional parameters after the parts.
    parameters: Vec<TemplateParameter>,
}

/// A part of a template that every URI has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TemplatePart {
    /// A text in normal form.
    Literal(String),
    /// A variable whose value is not empty.
    Variable {
        name: String,
        /// Set if the value may have every character.
        spans: bool,
    },
}

/// A parameter of a template, which URIs may omit.
#[derive(Debug, Clone, PartialEq, Eq)]
struct TemplateParameter {
    name: String,
    /// The operator `;`, `?` or `&`. The last two only differ at the start of a query.
    operator: char,
}

/// A variable of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Variable<'a> {
    /// The name in the template.
    pub name: &'a str,
    /// Set if URIs may omit the variable.
    pub optional: bool,
}

impl UriTemplate {
    /// Parses a template.
    ///
    /// # Errors
    /// [`UriTemplateError`] if the text is not a template of RFC 6570, or could match a URI in two ways.
    pub fn parse(text: impl Into<String>) -> Result<Self, UriTemplateError> {
        let text = text.into();
        let Parser { parts, parameters } = Parser::parse(&text)?;
        Ok(Self { text, parts, parameters })
    }

    /// Returns the template as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the variables, in the order of the template.
    pub fn variables(&self) -> impl Iterator<Item = Variable<'_>> {
        let required = self.parts.iter().filter_map(|part| match part {
            TemplatePart::Variable { name, .. } => Some(Variable { name, optional: false }),
            TemplatePart::Literal(_) => None,
        });
        required.chain(self.parameters.iter().map(|parameter| Variable { name: &parameter.name, optional: true }))
    }

    /// Returns `true` for a URI without variables.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        self.as_fixed().is_some()
    }

    /// Returns the normal form of a URI without variables.
    pub(crate) fn as_fixed(&self) -> Option<&str> {
        match &*self.parts {
            [TemplatePart::Literal(literal)] if self.parameters.is_empty() => Some(literal),
            _ => None,
        }
    }

    pub(crate) fn parts(&self) -> &[TemplatePart] {
        &self.parts
    }

    /// Returns `true` if the templates differ at most in names and parameters.
    ///
    /// Such templates match the same URIs in the same way.
    #[must_use]
    pub fn clashes_with(&self, other: &Self) -> bool {
        let same = |one: &TemplatePart, other: &TemplatePart| match (one, other) {
            (TemplatePart::Literal(one), TemplatePart::Literal(other)) => one == other,
            (TemplatePart::Variable { spans: one, .. }, TemplatePart::Variable { spans: other, .. }) => one == other,
            _ => false,
        };
        self.is_fixed() == other.is_fixed()
            && self.parts.len() == other.parts.len()
            && self.parts.iter().zip(&other.parts).all(|(one, other)| same(one, other))
    }
}

impl fmt::Display for UriTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
