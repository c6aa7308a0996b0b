//! The expansion of a template to a URI.

use std::fmt;

use super::{TemplatePart, UriTemplate};
use crate::resource_uri::NormalUri;

/// The characters that a value of a span has besides unreserved ones. All others are escaped.
///
/// `?`, `#`, `&` and `;` could start parameters.
const SPANNED: &[u8] = b"/:@!$'()*+,=";

/// The reason why values are not those of any URI of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExpansionError {
    /// A variable without a value.
    Missing(String),
    /// A value for a name that is not a variable.
    Unknown(String),
    /// Values that no URI of the template has, such as an empty one in a path.
    Unmatched,
}

impl fmt::Display for ExpansionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(name) => write!(f, "the variable `{name}` has no value"),
            Self::Unknown(name) => write!(f, "there is no variable `{name}`"),
            Self::Unmatched => f.write_str(
                "no URI has these values: one is empty, is `.` or `..`, or has the text that comes after its variable",
            ),
        }
    }
}

impl std::error::Error for ExpansionError {}

impl UriTemplate {
    /// Returns the URI with these values, in normal form.
    ///
    /// The template matches the URI with the same values. RFC 6570 keeps escapes in values of `{+path}`; here, `%` is always
    /// escaped, so that a value of `%2F` stays one.
    ///
    /// # Errors
    /// [`ExpansionError`] if a value is missing, unknown, or impossible in a URI.
    pub fn expand(&self, values: &[(impl AsRef<str>, impl AsRef<str>)]) -> Result<String, ExpansionError> {
        if let Some((name, _)) =
            values.iter().find(|(name, _)| self.variables().all(|known| known.name != name.as_ref()))
        {
            return Err(ExpansionError::Unknown(name.as_ref().to_owned()));
        }
        let value_of =
            |name: &str| values.iter().find(|(other, _)| other.as_ref() == name).map(|(_, value)| value.as_ref());
        let mut uri = String::new();
        for part in &self.parts {
            match part {
                TemplatePart::Literal(literal) => uri.push_str(literal),
                TemplatePart::Variable { name, spans } => {
                    let value = value_of(name).ok_or_else(|| ExpansionError::Missing(name.clone()))?;
                    escape(&mut uri, value, if *spans { SPANNED } else { b"" });
                }
            }
        }
        let mut begins_query = self.parameters.iter().any(|parameter| parameter.operator == '?');
        for parameter in &self.parameters {
            let Some(value) = value_of(&parameter.name) else { continue };
            uri.push(match parameter.operator {
                ';' => ';',
                _ if std::mem::take(&mut begins_query) => '?',
                _ => '&',
            });
            uri.push_str(&parameter.name);
            uri.push('=');
            escape(&mut uri, value, b"");
        }
        let normal = NormalUri::parse(&uri).map_err(|_| ExpansionError::Unmatched)?;
        let matched = self.match_uri(normal.as_str()).ok_or(ExpansionError::Unmatched)?;
        let is_same =
            matched.len() == values.len() && matched.iter().all(|(name, value)| value_of(name) == Some(&**value));
        if is_same { Ok(normal.as_str().to_owned()) } else { Err(ExpansionError::Unmatched) }
    }
}

/// Appends a value, with escapes for all but unreserved characters and `kept` ones (RFC 3986 §2.1).
fn escape(uri: &mut String, value: &str, kept: &[u8]) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || kept.contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push('%');
            for digit in [byte >> 4, byte & 15] {
                uri.extend(char::from_digit(u32::from(digit), 16).map(|digit| digit.to_ascii_uppercase()));
            }
        }
    }
}
