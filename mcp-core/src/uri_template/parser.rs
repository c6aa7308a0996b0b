//! The parser of templates.

use super::{TemplateParameter, TemplatePart, UriTemplateError};
use crate::resource_uri::{ResourceUriError, check, check_segments, scheme_length, with_normal_escapes};

/// A parser of templates, with the parts read so far.
#[derive(Default)]
pub(super) struct Parser {
    pub(super) parts: Vec<TemplatePart>,
    pub(super) parameters: Vec<TemplateParameter>,
}

impl Parser {
    pub(super) fn parse(text: &str) -> Result<Self, UriTemplateError> {
        let mut parser = Self::default();
        let mut rest = text;
        while let Some((literal, expression)) = rest.split_once('{') {
            parser.literal(literal)?;
            let (expression, behind) = expression.split_once('}').ok_or(UriTemplateError::Unclosed)?;
            parser.expression(expression)?;
            rest = behind;
        }
        parser.literal(rest)?;
        match parser.parts.first() {
            Some(TemplatePart::Literal(literal)) => scheme_length(literal).map_err(UriTemplateError::Uri)?,
            _ => return Err(UriTemplateError::Uri(ResourceUriError::MissingScheme)),
        };
        check_segments(&parser.example()).map_err(UriTemplateError::Uri)?;
        Ok(parser)
    }

    fn literal(&mut self, text: &str) -> Result<(), UriTemplateError> {
        if text.is_empty() {
            return Ok(());
        }
        if text.contains('}') {
            return Err(UriTemplateError::Unopened);
        }
        check(text).map_err(UriTemplateError::Uri)?;
        self.check_precedes_parameters(text)?;
        let text = with_normal_escapes(text);
        match self.parts.last_mut() {
            Some(TemplatePart::Literal(literal)) => literal.push_str(&text),
            _ => self.parts.push(TemplatePart::Literal(text.into_owned())),
        }
        Ok(())
    }

    /// Returns a URI of the template, with a character for each variable.
    fn example(&self) -> String {
        let text = |part: &TemplatePart| match part {
            TemplatePart::Literal(literal) => literal.clone(),
            TemplatePart::Variable { .. } => "x".to_owned(),
        };
        self.parts.iter().map(text).collect()
    }

    fn expression(&mut self, text: &str) -> Result<(), UriTemplateError> {
        let operator = text.chars().next().filter(|c| *c == '.' || !is_name_char(*c));
        let names = match operator {
            None => text,
            Some('+' | '#' | '.' | '/' | ';' | '?' | '&') => &text[1..],
            Some(other) => return Err(UriTemplateError::Operator(other)),
        };
        let mut separator = match operator {
            Some(operator @ ('#' | '.' | '/')) => operator.to_string(),
            _ => String::new(),
        };
        if let Some(operator @ (';' | '?' | '&')) = operator {
            self.check_parameters(operator)?;
        }
        for name in names.split(',') {
            self.check_name(name)?;
            if let Some(operator @ (';' | '?' | '&')) = operator {
                self.parameters.push(TemplateParameter { name: name.to_owned(), operator });
                continue;
            }
            self.check_precedes_parameters(&format!("{{{text}}}"))?;
            self.literal(&separator)?;
            self.variable(name, matches!(operator, Some('+' | '#')))?;
            if separator.is_empty() || separator == "#" {
                ",".clone_into(&mut separator);
            }
        }
        Ok(())
    }

    fn variable(&mut self, name: &str, spans: bool) -> Result<(), UriTemplateError> {
        for part in &self.parts {
            if let TemplatePart::Variable { name: other, spans: true } = part
                && spans
            {
                return Err(UriTemplateError::TwoSpans(other.clone(), name.to_owned()));
            }
        }
        if let Some(TemplatePart::Variable { name: other, .. }) = self.parts.last() {
            return Err(UriTemplateError::Adjacent(other.clone(), name.to_owned()));
        }
        self.parts.push(TemplatePart::Variable { name: name.to_owned(), spans });
        Ok(())
    }

    fn check_name(&self, name: &str) -> Result<(), UriTemplateError> {
        if let Some((name, _)) = name.split_once(':') {
            return Err(UriTemplateError::Prefix(name.to_owned()));
        }
        if let Some(name) = name.strip_suffix('*') {
            return Err(UriTemplateError::Explode(name.to_owned()));
        }
        if !name.chars().all(is_name_char) || name.split('.').any(str::is_empty) {
            return Err(UriTemplateError::Name(name.to_owned()));
        }
        let variables = self.parts.iter().filter_map(|part| match part {
            TemplatePart::Variable { name, .. } => Some(name),
            TemplatePart::Literal(_) => None,
        });
        if variables.chain(self.parameters.iter().map(|parameter| &parameter.name)).any(|other| other == name) {
            return Err(UriTemplateError::Twice(name.to_owned()));
        }
        Ok(())
    }

    /// Refuses a literal or a variable after parameters.
    fn check_precedes_parameters(&self, text: &str) -> Result<(), UriTemplateError> {
        if self.parameters.is_empty() { Ok(()) } else { Err(UriTemplateError::BehindParameters(text.to_owned())) }
    }

    /// Refuses parameters whose start in a URI would be ambiguous.
    fn check_parameters(&self, operator: char) -> Result<(), UriTemplateError> {
        let literals =
            |c: char| self.parts.iter().any(|part| matches!(part, TemplatePart::Literal(text) if text.contains(c)));
        let has = |c: char| self.parameters.iter().any(|parameter| parameter.operator == c);
        let spanning = self.parts.iter().find_map(|part| match part {
            TemplatePart::Variable { name, spans: true } => Some(name),
            _ => None,
        });
        match operator {
            _ if literals('#') => Err(UriTemplateError::BehindFragment(operator)),
            '?' if has('?') => Err(UriTemplateError::SecondQuery),
            '?' if literals('?') => Err(UriTemplateError::QueryStarted),
            '&' if has('?') => Err(UriTemplateError::SecondQuery),
            '&' if !literals('?') => Err(UriTemplateError::QueryNotStarted),
            ';' if has('?') || literals('?') => Err(UriTemplateError::BehindQuery),
            ';' | '&' => match spanning {
                Some(name) => Err(UriTemplateError::BehindSpan { name: name.clone(), operator }),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }
}

fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.')
}
