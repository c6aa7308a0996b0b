//! The values of a template's variables in a URI.

use super::{TemplatePart, UriTemplate};
use crate::uri_pattern::SEPARATORS;

impl UriTemplate {
    /// Returns the percent-decoded values of the variables, if `uri` matches.
    ///
    /// A parameter that is absent from the URI is absent from the values. The time is proportional to the length of the
    /// URI.
    #[must_use]
    pub fn match_uri<'t>(&'t self, uri: &str) -> Option<Vec<(&'t str, String)>> {
        let (uri, parameters) = uri.split_at(self.start_of_parameters(uri));
        let mut values =
            match self.parts.iter().position(|part| matches!(part, TemplatePart::Variable { spans: true, .. })) {
                None => {
                    let (values, rest) = take_front(&self.parts, uri, true)?;
                    rest.is_empty().then_some(values)?
                }
                Some(span) => {
                    let (mut values, rest) = take_front(&self.parts[..span], uri, false)?;
                    let (behind, rest) = take_back(&self.parts[span + 1..], rest)?;
                    if let TemplatePart::Variable { name, .. } = &self.parts[span] {
                        values.push((name, (!rest.is_empty()).then_some(rest)?));
                    }
                    values.extend(behind);
                    values
                }
            };
        self.take_parameters(parameters, &mut values)?;
        values.into_iter().map(|(name, value)| Some((name, decode(value)?))).collect()
    }

    /// Returns the index of the first parameter in `uri`.
    fn start_of_parameters(&self, uri: &str) -> usize {
        let Some(first) = self.parameters.first() else { return uri.len() };
        // Literals may contain the operator, but a variable before parameters never does.
        let position = |operator: char| {
            let literals = self.parts.iter().filter_map(|part| match part {
                TemplatePart::Literal(literal) => Some(literal.matches(operator).count()),
                TemplatePart::Variable { .. } => None,
            });
            uri.match_indices(operator).nth(literals.sum()).map_or(uri.len(), |(index, _)| index)
        };
        match first.operator {
            // Parameters of the path may precede those of the query, and either may be absent.
            ';' if self.parameters.iter().any(|parameter| parameter.operator == '?') => {
                position(';').min(position('?'))
            }
            operator => position(operator),
        }
    }

    fn take_parameters<'t, 'u>(&'t self, mut text: &'u str, values: &mut RawValues<'t, 'u>) -> Option<()> {
        let mut operator = ';';
        let mut taken = vec![false; self.parameters.len()];
        while let Some(start) = text.chars().next() {
            operator = match (operator, start) {
                (_, ';') if operator == ';' => ';',
                (';', '?') => '?',
                (';', '&') if self.parameters.iter().all(|parameter| parameter.operator != '?') => '&',
                ('?' | '&', '&') => '&',
                _ => return None,
            };
            let ends: &[char] = if operator == ';' { &[';', '?', '#'] } else { &['&', '#'] };
            let item = &text[1..];
            let (item, rest) = item.split_at(item.find(ends).unwrap_or(item.len()));
            let (name, value) = item.split_once('=').unwrap_or((item, ""));
            let index = self
                .parameters
                .iter()
                .position(|parameter| parameter.name == name && (parameter.operator == ';') == (operator == ';'))?;
            if std::mem::replace(taken.get_mut(index)?, true) {
                return None;
            }
            values.push((&self.parameters.get(index)?.name, value));
            text = rest;
        }
        Some(())
    }
}

/// The names of variables with their values, not decoded.
type RawValues<'t, 'u> = Vec<(&'t str, &'u str)>;

/// Matches `parts` at the front of a text. Returns the values and the rest.
///
/// Values are as short as possible. The earlier a value ends, the more is left for the next parts, so that no other choice
/// succeeds where this one fails. With `whole`, the parts match the text to its end.
fn take_front<'t, 'u>(
    parts: &'t [TemplatePart],
    mut text: &'u str,
    whole: bool,
) -> Option<(RawValues<'t, 'u>, &'u str)> {
    let mut values = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let name = match part {
            TemplatePart::Literal(literal) => {
                text = text.strip_prefix(&**literal)?;
                continue;
            }
            TemplatePart::Variable { name, .. } => name,
        };
        let end = match &parts[index + 1..] {
            [TemplatePart::Literal(last)] if whole => text.strip_suffix(&**last)?.len(),
            [TemplatePart::Literal(next), ..] => {
                let first = text.chars().next()?.len_utf8();
                first + text[first..].find(&**next)?
            }
            _ => text.len(),
        };
        let (value, rest) = text.split_at(end);
        values.push((&**name, is_value(value).then_some(value)?));
        text = rest;
    }
    Some((values, text))
}

/// Matches `parts` at the back of a text. Returns the values and the rest.
///
/// The first part is a literal. Values are as short as possible.
fn take_back<'t, 'u>(parts: &'t [TemplatePart], mut text: &'u str) -> Option<(RawValues<'t, 'u>, &'u str)> {
    let mut values = Vec::new();
    for (index, part) in parts.iter().enumerate().rev() {
        let name = match part {
            TemplatePart::Literal(literal) => {
                text = text.strip_suffix(&**literal)?;
                continue;
            }
            TemplatePart::Variable { name, .. } => name,
        };
        let Some(TemplatePart::Literal(previous)) = index.checked_sub(1).and_then(|index| parts.get(index)) else {
            return None;
        };
        let last = text.chars().next_back()?.len_utf8();
        let start = text[..text.len() - last].rfind(&**previous)? + previous.len();
        let (rest, value) = text.split_at(start);
        values.push((&**name, is_value(value).then_some(value)?));
        text = rest;
    }
    values.reverse();
    Some((values, text))
}

/// Returns `true` for a value of a variable that is no span.
pub(super) fn is_value(text: &str) -> bool {
    !text.is_empty() && !text.bytes().any(|byte| SEPARATORS.contains(&byte))
}

/// Decodes a value once. Returns `None` if an escape or the UTF-8 is invalid.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                let (high, low) = (digit()?, digit()?);
                u8::try_from(high * 16 + low).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}
