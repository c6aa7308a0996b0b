use std::fmt;

use crate::resource_uri::{ResourceUriError, check, check_segments, scheme, with_normal_escapes};
use crate::uri_pattern::SEPARATORS;

/// The URI of a resource with variables in it (RFC 6570), which every URI can be taken apart by in one way at most.
///
/// URIs are taken apart in their normal form, a [`NormalUri`](crate::NormalUri).
///
/// - `{id}`, `{.id}` and `{/id}` take a value up to `/`, `?`, `#`, `&`, `;` or `,`, which clients percent-encode in it. Text
///   that follows ends the value where it is first found: in `{year}-{month}`, `year` has no `-`.
/// - `{+path}` and `{#path}` take everything, so that there is one of them at most.
/// - `{?q,lang}`, `{&q}` and `{;q}` are parameters by name, in any order. Each may be absent, so that they stand at the end.
///
/// Values are never empty, except for those of parameters. Prefixes (`{id:3}`) and lists (`{ids*}`) are left out: a URI
/// does not tell what they stood for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UriTemplate {
    text: String,
    /// What every URI has, in this order. No variable is next to another one.
    parts: Vec<Part>,
    /// What may follow.
    parameters: Vec<Parameter>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// In normal form.
    Literal(String),
    Variable {
        name: String,
        /// Whether it takes everything.
        spans: bool,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Parameter {
    name: String,
    /// `;`, or `?` or `&`, which are the same but for the first one.
    operator: char,
}

/// A variable of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable<'a> {
    /// As it stands in the template.
    pub name: &'a str,
    /// Whether a URI may leave it out.
    pub optional: bool,
}

impl UriTemplate {
    /// Checks and keeps a template.
    ///
    /// # Errors
    /// [`UriTemplateError`] when it is not one of RFC 6570, or a URI could be taken apart in two ways.
    pub fn parse(text: impl Into<String>) -> Result<Self, UriTemplateError> {
        let text = text.into();
        let mut builder = Builder::default();
        let mut rest = &*text;
        while let Some((literal, expression)) = rest.split_once('{') {
            builder.literal(literal)?;
            let (expression, behind) = expression.split_once('}').ok_or(UriTemplateError::Unclosed)?;
            builder.expression(expression)?;
            rest = behind;
        }
        builder.literal(rest)?;
        match builder.parts.first() {
            Some(Part::Literal(literal)) => scheme(literal).map_err(UriTemplateError::Uri)?,
            _ => return Err(UriTemplateError::Uri(ResourceUriError::MissingScheme)),
        };
        check_segments(&builder.example()).map_err(UriTemplateError::Uri)?;
        Ok(Self { parts: builder.parts, parameters: builder.parameters, text })
    }

    /// The template as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The variables, in the order in which they are written.
    pub fn variables(&self) -> impl Iterator<Item = Variable<'_>> {
        let required = self.parts.iter().filter_map(|part| match part {
            Part::Variable { name, .. } => Some(Variable { name, optional: false }),
            Part::Literal(_) => None,
        });
        required.chain(self.parameters.iter().map(|parameter| Variable { name: &parameter.name, optional: true }))
    }

    /// Returns `true` for a URI without variables.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        self.as_fixed().is_some()
    }

    /// The normal form of a URI without variables.
    pub(crate) fn as_fixed(&self) -> Option<&str> {
        match &*self.parts {
            [Part::Literal(literal)] if self.parameters.is_empty() => Some(literal),
            _ => None,
        }
    }

    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Whether there are URIs that both templates match in the same way, because they differ in names or parameters only.
    #[must_use]
    pub fn clashes_with(&self, other: &Self) -> bool {
        let same = |one: &Part, other: &Part| match (one, other) {
            (Part::Literal(one), Part::Literal(other)) => one == other,
            (Part::Variable { spans: one, .. }, Part::Variable { spans: other, .. }) => one == other,
            _ => false,
        };
        self.is_fixed() == other.is_fixed()
            && self.parts.len() == other.parts.len()
            && self.parts.iter().zip(&other.parts).all(|(one, other)| same(one, other))
    }

    /// The values of the variables, percent-decoded, if `uri` is one of this template. A parameter that is absent from
    /// the URI is absent here.
    ///
    /// It takes time in proportion to the length of the URI, whatever that is.
    #[must_use]
    pub fn match_uri<'t>(&'t self, uri: &str) -> Option<Vec<(&'t str, String)>> {
        let (uri, parameters) = uri.split_at(self.start_of_parameters(uri));
        let mut values = match self.parts.iter().position(|part| matches!(part, Part::Variable { spans: true, .. })) {
            None => {
                let (values, rest) = take_front(&self.parts, uri, true)?;
                rest.is_empty().then_some(values)?
            }
            Some(span) => {
                let (mut values, rest) = take_front(&self.parts[..span], uri, false)?;
                let (behind, rest) = take_back(&self.parts[span + 1..], rest)?;
                if let Part::Variable { name, .. } = &self.parts[span] {
                    values.push((name, (!rest.is_empty()).then_some(rest)?));
                }
                values.extend(behind);
                values
            }
        };
        self.take_parameters(parameters, &mut values)?;
        values.into_iter().map(|(name, value)| Some((name, decode(value)?))).collect()
    }

    /// Where the part of a URI ends that all URIs of this template have.
    fn start_of_parameters(&self, uri: &str) -> usize {
        let Some(first) = self.parameters.first() else { return uri.len() };
        // A literal may have the character, a variable in front of parameters never takes it.
        let position = |operator: char| {
            let literals = self.parts.iter().filter_map(|part| match part {
                Part::Literal(literal) => Some(literal.matches(operator).count()),
                Part::Variable { .. } => None,
            });
            uri.match_indices(operator).nth(literals.sum()).map_or(uri.len(), |(index, _)| index)
        };
        match first.operator {
            // Behind parameters of the path, there may be those of the query.
            ';' if self.parameters.iter().any(|parameter| parameter.operator == '?') => {
                position(';').min(position('?'))
            }
            operator => position(operator),
        }
    }

    fn take_parameters<'t, 'u>(&'t self, mut text: &'u str, values: &mut Values<'t, 'u>) -> Option<()> {
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

impl fmt::Display for UriTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Names and values, as they stand in the template and the URI.
type Values<'t, 'u> = Vec<(&'t str, &'u str)>;

/// Takes `parts` off the front of a text, with values as short as possible. The earlier a value ends, the more is left for
/// what follows, so that no other choice could succeed where this one fails. What is `whole` has nothing behind it.
fn take_front<'t, 'u>(parts: &'t [Part], mut text: &'u str, whole: bool) -> Option<(Values<'t, 'u>, &'u str)> {
    let mut values = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let name = match part {
            Part::Literal(literal) => {
                text = text.strip_prefix(&**literal)?;
                continue;
            }
            Part::Variable { name, .. } => name,
        };
        let end = match &parts[index + 1..] {
            [Part::Literal(last)] if whole => text.strip_suffix(&**last)?.len(),
            [Part::Literal(next), ..] => {
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

/// Takes `parts` off the back of a text; the first of them is a literal.
fn take_back<'t, 'u>(parts: &'t [Part], mut text: &'u str) -> Option<(Values<'t, 'u>, &'u str)> {
    let mut values = Vec::new();
    for (index, part) in parts.iter().enumerate().rev() {
        let name = match part {
            Part::Literal(literal) => {
                text = text.strip_suffix(&**literal)?;
                continue;
            }
            Part::Variable { name, .. } => name,
        };
        let Some(Part::Literal(previous)) = index.checked_sub(1).and_then(|index| parts.get(index)) else {
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

/// What a variable takes that does not take everything.
fn is_value(text: &str) -> bool {
    !text.is_empty() && !text.bytes().any(|byte| SEPARATORS.contains(&byte))
}

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

/// A template while it is read.
#[derive(Default)]
struct Builder {
    parts: Vec<Part>,
    parameters: Vec<Parameter>,
}

impl Builder {
    fn literal(&mut self, text: &str) -> Result<(), UriTemplateError> {
        if text.is_empty() {
            return Ok(());
        }
        if text.contains('}') {
            return Err(UriTemplateError::Unopened);
        }
        check(text).map_err(UriTemplateError::Uri)?;
        self.must_be_in_front(text)?;
        let text = with_normal_escapes(text);
        match self.parts.last_mut() {
            Some(Part::Literal(literal)) => literal.push_str(&text),
            _ => self.parts.push(Part::Literal(text.into_owned())),
        }
        Ok(())
    }

    /// A URI of the template, with a character for each variable.
    fn example(&self) -> String {
        let text = |part: &Part| match part {
            Part::Literal(literal) => literal.clone(),
            Part::Variable { .. } => "x".to_owned(),
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
                self.parameters.push(Parameter { name: name.to_owned(), operator });
                continue;
            }
            self.must_be_in_front(&format!("{{{text}}}"))?;
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
            if let Part::Variable { name: other, spans: true } = part
                && spans
            {
                return Err(UriTemplateError::TwoSpans(other.clone(), name.to_owned()));
            }
        }
        if let Some(Part::Variable { name: other, .. }) = self.parts.last() {
            return Err(UriTemplateError::Adjacent(other.clone(), name.to_owned()));
        }
        self.parts.push(Part::Variable { name: name.to_owned(), spans });
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
            Part::Variable { name, .. } => Some(name),
            Part::Literal(_) => None,
        });
        if variables.chain(self.parameters.iter().map(|parameter| &parameter.name)).any(|other| other == name) {
            return Err(UriTemplateError::Twice(name.to_owned()));
        }
        Ok(())
    }

    /// Nothing but parameters stands behind parameters.
    fn must_be_in_front(&self, text: &str) -> Result<(), UriTemplateError> {
        if self.parameters.is_empty() { Ok(()) } else { Err(UriTemplateError::BehindParameters(text.to_owned())) }
    }

    /// Whether parameters can stand here, so that the place where they start can be found.
    fn check_parameters(&self, operator: char) -> Result<(), UriTemplateError> {
        let literals = |c: char| self.parts.iter().any(|part| matches!(part, Part::Literal(text) if text.contains(c)));
        let has = |c: char| self.parameters.iter().any(|parameter| parameter.operator == c);
        let spanning = self.parts.iter().find_map(|part| match part {
            Part::Variable { name, spans: true } => Some(name),
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

/// Why a text is not a template, or none that a URI can be taken apart by.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum UriTemplateError {
    /// What stands around the variables is not a URI.
    Uri(ResourceUriError),
    /// A `{` without a `}`.
    Unclosed,
    /// A `}` without a `{`.
    Unopened,
    /// A variable's name is none.
    Name(String),
    /// A variable is there twice.
    Twice(String),
    /// An operator that RFC 6570 does not define.
    Operator(char),
    /// The start of a value: `{id:3}`.
    Prefix(String),
    /// A list: `{ids*}`.
    Explode(String),
    /// Nothing between two variables.
    Adjacent(String, String),
    /// Two variables that take everything.
    TwoSpans(String, String),
    /// Something that has to stand in front of the parameters.
    BehindParameters(String),
    /// Parameters behind a `#`.
    BehindFragment(char),
    /// `;` behind the query.
    BehindQuery,
    /// `;` or `&` behind a variable that takes these, too.
    BehindSpan {
        /// The variable that takes everything.
        name: String,
        /// The operator behind it.
        operator: char,
    },
    /// Two expressions of the query.
    SecondQuery,
    /// `{?…}`, although there is a `?`.
    QueryStarted,
    /// `{&…}`, although there is no `?`.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::url::UrlError;

    fn template(text: &str) -> UriTemplate {
        UriTemplate::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    /// The values as `name=value`, separated by blanks; `-` for a URI that does not match.
    fn matched(text: &str, uri: &str) -> String {
        let template = template(text);
        let Some(values) = template.match_uri(uri) else { return "-".to_owned() };
        values.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_operator_is_taken_apart() {
        let cases = [
            ("notes://{id}", "notes://7", "id=7"),
            ("notes://{id}", "notes://", "-"),
            ("notes://{id}", "notes://a/b", "-"),
            ("notes://{id}", "note://7", "-"),
            ("notes://{id}", "NOTES://7", "-"),
            ("notes://{id}", "notes://7?a", "-"),
            ("users://{mail}", "users://bob+1@example.com", "mail=bob+1@example.com"),
            ("test://template/{id}/data", "test://template/123/data", "id=123"),
            ("test://template/{id}/data", "test://template//data", "-"),
            ("test://template/{id}/data", "test://template/1/2/data", "-"),
            ("test://template/{id}/data", "test://template/123/data/", "-"),
            ("map:{x,y}", "map:1,2", "x=1 y=2"),
            ("map:{x,y}", "map:1,2,3", "-"),
            ("file:///{+path}", "file:///a/b?c#d", "path=a/b?c#d"),
            ("file:///{+path}", "file:///", "-"),
            ("a:b{#part}", "a:b#x/y,z", "part=x/y,z"),
            ("a:b{#part}", "a:b", "-"),
            ("a:{name}{.kind}", "a:x.png", "name=x kind=png"),
            ("a:{name}{.kind}", "a:x.tar.gz", "name=x kind=tar.gz"),
            ("a:b{.x,y}", "a:b.1.2", "x=1 y=2"),
            ("a:b{/x,y}", "a:b/1/2", "x=1 y=2"),
            ("a:b{/x,y}", "a:b/1/2/3", "-"),
            ("a:b{;x,y}", "a:b;x=1;y=2", "x=1 y=2"),
            ("a:b{;x,y}", "a:b;y=2", "y=2"),
            ("a:b{;x,y}", "a:b;x", "x="),
            ("a:b{;x,y}", "a:b?x=1", "-"),
            ("a:b{?x,y}", "a:b?y=2&x=1", "y=2 x=1"),
            ("a:b{?x,y}", "a:b", ""),
            ("a:b{?x,y}", "a:b?x=", "x="),
            ("a:b{?x,y}", "a:b?x", "x="),
            ("a:b{?x,y}", "a:b?", "-"),
            ("a:b{?x,y}", "a:b?x=1&", "-"),
            ("a:b{?x,y}", "a:b?x=1&x=2", "-"),
            ("a:b{?x,y}", "a:b?z=1", "-"),
            ("a:b{?x,y}", "a:b?X=1", "-"),
            ("a:b{?x,y}", "a:b?x=1#top", "-"),
            ("a:b{?x,y}", "a:b&x=1", "-"),
            ("a:b{?x,y}", "a:b?x=1?y=2&y=a=b", "x=1?y=2 y=a=b"),
            ("a:b?fixed=1{&x}", "a:b?fixed=1&x=2", "x=2"),
            ("a:b?fixed=1{&x}", "a:b?fixed=1", ""),
            ("a:b?fixed=1{&x}", "a:b?fixed=2&x=2", "-"),
            ("a:b?c=1&d={d}{&x}{&y}", "a:b?c=1&d=3&y=5&x=4", "d=3 y=5 x=4"),
            ("a:{id}{;rev}{?q}", "a:7;rev=2?q=3", "id=7 rev=2 q=3"),
            ("a:{id}{;rev}{?q}", "a:7?q=3;x", "id=7 q=3;x"),
            ("a:{id}{;rev}{?q}", "a:7;q=3", "-"),
            ("a:{id}{;rev}{?q}", "a:7;rev=2&q=3", "id=7 rev=2&q=3"),
            ("a:1;2/{id}{;rev}", "a:1;2/7;rev=2", "id=7 rev=2"),
        ];
        for (text, uri, expected) in cases {
            assert_eq!(matched(text, uri), expected, "{text} of {uri}");
        }
    }

    #[test]
    fn text_that_could_be_part_of_a_value_ends_it_where_it_is_first_found() {
        let cases = [
            ("logs:{year}-{month}", "logs:2026-07", "year=2026 month=07"),
            ("logs:{year}-{month}", "logs:2026-07-28", "year=2026 month=07-28"),
            ("logs:{year}-{month}", "logs:-07-28", "year=-07 month=28"),
            ("logs:{year}-{month}", "logs:2026-", "-"),
            ("logs:{year}-{month}", "logs:--", "-"),
            ("logs:{year}-{month}", "logs:---", "year=- month=-"),
            ("a:{name}.txt", "a:x.txt.txt", "name=x.txt"),
            ("a:{name}.txt", "a:.txt", "-"),
            ("a:{x}.{y}/c{z}", "a:1.2.3/c4", "x=1 y=2.3 z=4"),
            ("a:{x}aa{y}aa", "a:aaaaaa", "x=a y=a"),
            ("a:{x}aa{y}aa", "a:aaaaa", "-"),
        ];
        for (text, uri, expected) in cases {
            assert_eq!(matched(text, uri), expected, "{text} of {uri}");
        }
    }

    #[test]
    fn what_takes_everything_leaves_the_others_theirs() {
        let cases = [
            ("git://{repo}/{+path}/blob/{name}.{kind}", "git://r/a/b/blob/c.d.rs", "repo=r path=a/b name=c.d kind=rs"),
            ("git://{repo}/{+path}/blob/{name}.{kind}", "git://r/blob/c.rs", "-"),
            ("git://{repo}/{+path}/blob/{name}.{kind}", "git://r//blob/c.rs", "-"),
            ("a:{+x}/{y}", "a:1/2/3", "x=1/2 y=3"),
            ("a:{+x}/{y}", "a:1", "-"),
            ("a:{+x}{/y}{.z}", "a:1/2/3.4", "x=1/2 y=3 z=4"),
            ("a:{+x}{?q}", "a:1/2?q=3", "x=1/2 q=3"),
            ("a:{+x}{?q}", "a:1/2", "x=1/2"),
            ("a:{+x}{?q}", "a:1?2?q=3", "-"),
            ("a:b-{+x}-b", "a:b-b", "-"),
            ("a:b-{+x}-b", "a:b--b", "-"),
            ("a:b-{+x}-b", "a:b---b", "x=-"),
        ];
        for (text, uri, expected) in cases {
            assert_eq!(matched(text, uri), expected, "{text} of {uri}");
        }
    }

    #[test]
    fn values_are_decoded_once_and_must_be_text() {
        let cases = [
            ("a%2Fb", "id=a/b"),
            ("%252F", "id=%2F"),
            ("%C3%BC", "id=ü"),
            ("ü", "id=ü"),
            ("a+b", "id=a+b"),
            ("%00", "id=\0"),
            ("%2", "-"),
            ("%", "-"),
            ("%zz", "-"),
            ("%+1", "-"),
            ("%C3", "-"),
            ("%FF%FE", "-"),
            ("%%32%35", "-"),
            ("%ü", "-"),
        ];
        for (value, expected) in cases {
            assert_eq!(matched("a:{id}", &format!("a:{value}")), expected, "{value}");
            let expected = expected.replace("id=", "q=");
            assert_eq!(matched("a:b{?q}", &format!("a:b?q={value}")), expected, "{value}");
        }
    }

    /// Every text of few characters, against a way of matching that tries everything.
    #[test]
    fn agrees_with_a_search_through_all_possibilities() {
        fn search(parts: &[Part], text: &str) -> bool {
            match parts.split_first() {
                None => text.is_empty(),
                Some((Part::Literal(literal), rest)) => {
                    text.strip_prefix(&**literal).is_some_and(|text| search(rest, text))
                }
                Some((Part::Variable { spans, .. }, rest)) => (1..=text.len())
                    .filter(|end| text.is_char_boundary(*end))
                    .any(|end| (*spans || is_value(&text[..end])) && search(rest, &text[end..])),
            }
        }
        let alphabet = ['a', '-', '/'];
        let templates = [
            "a:{x}",
            "a:{x}a",
            "a:{x}-{y}",
            "a:{x}-a{y}",
            "a:{x}-{y}-",
            "a:{x}a/{y}",
            "a:{x}--{y}",
            "a:{x}a{y}a{z}",
            "a:{+x}",
            "a:{+x}-{y}",
            "a:{x}-{+y}",
            "a:{x}/{+y}/{z}",
            "a:{x}a{+y}-{z}a",
            "a:{+x}aa",
            "a:a{+x}a{y}-",
            "a:{x}-/{y}",
            "a:{x}a-a{y}/",
        ];
        let mut texts = vec![String::new()];
        let mut all = texts.clone();
        for _ in 0..7 {
            texts = texts.iter().flat_map(|text| alphabet.map(|c| format!("{text}{c}"))).collect();
            all.extend_from_slice(&texts);
        }
        for text in templates {
            let template = template(text);
            for uri in &all {
                let uri = format!("a:{uri}");
                let values = template.match_uri(&uri);
                assert_eq!(values.is_some(), search(&template.parts, &uri), "{text} of {uri}");
                let Some(values) = values else { continue };
                // The values put the URI together again.
                let mut values = values.iter().map(|(_, value)| &**value);
                let again: String = (template.parts.iter())
                    .map(|part| match part {
                        Part::Literal(literal) => literal,
                        Part::Variable { .. } => values.next().expect("a value for every variable"),
                    })
                    .collect();
                assert_eq!(again, uri, "{text}");
            }
        }
    }

    #[test]
    fn a_long_uri_takes_no_longer_than_its_length() {
        let long = |text: &str| text.repeat(1 << 20);
        assert_eq!(template("a:{w}a{x}a{y}a{z}b").match_uri(&format!("a:{}", long("a"))), None);
        assert_eq!(template("a:{+w}aab{x}aab{y}").match_uri(&format!("a:{}", long("aa"))), None);
        assert_eq!(template("a:b{?q}").match_uri(&format!("a:b?{}", long("q=1&"))), None);
        let uri = format!("a:{}", long("x/"));
        assert_eq!(template("a:{+path}").match_uri(&uri).map(|values| values[0].1.len()), Some(uri.len() - 2));
    }

    #[test]
    fn variables_are_told_with_whether_they_may_be_absent() {
        let template = template("a:{x}{/y}{?z}");
        let variables: Vec<_> = template.variables().map(|variable| (variable.name, variable.optional)).collect();
        assert_eq!(variables, [("x", false), ("y", false), ("z", true)]);
        assert_eq!(template.to_string(), "a:{x}{/y}{?z}");
    }

    #[test]
    fn templates_clash_when_only_names_and_parameters_differ() {
        let clash = |one: &str, other: &str| template(one).clashes_with(&template(other));
        assert!(clash("a:{id}", "a:{name}"));
        assert!(clash("a:{id}", "a:{id}{?q}"));
        assert!(clash("a:b{/x}", "a:b/{y}"));
        assert!(!clash("a:{id}", "a:{+id}"));
        assert!(!clash("a:{id}", "b:{id}"));
        assert!(!clash("a:{id}", "a:{id}/x"));
    }

    #[test]
    fn refuses_what_could_be_taken_apart_in_two_ways_or_in_none() {
        use UriTemplateError as E;
        let text = |text: &str| text.to_owned();
        let cases = [
            ("{id}", E::Uri(ResourceUriError::MissingScheme)),
            ("notes/{id}", E::Uri(ResourceUriError::MissingScheme)),
            ("{scheme}://x", E::Uri(ResourceUriError::MissingScheme)),
            ("Notes:{id}", E::Uri(ResourceUriError::UpperCaseScheme(text("notes")))),
            ("a: {id}", E::Uri(ResourceUriError::Character(UrlError::Forbidden(' ')))),
            ("a:{id", E::Unclosed),
            ("a:id}", E::Unopened),
            ("a:{id}}", E::Unopened),
            ("a:{{id}}", E::Operator('{')),
            ("a:{}", E::Name(text(""))),
            ("a:{+}", E::Name(text(""))),
            ("a:{x,,y}", E::Name(text(""))),
            ("a:{x, y}", E::Name(text(" y"))),
            ("a:{x.}", E::Name(text("x."))),
            ("a:{note-id}", E::Name(text("note-id"))),
            ("a:{x%20}", E::Name(text("x%20"))),
            ("a:{x}/{x}", E::Twice(text("x"))),
            ("a:{x}{?x}", E::Twice(text("x"))),
            ("a:{!x}", E::Operator('!')),
            ("a:{x:3}", E::Prefix(text("x"))),
            ("a:{x*}", E::Explode(text("x"))),
            ("a:{?x*}", E::Explode(text("x"))),
            ("a:{x}{y}", E::Adjacent(text("x"), text("y"))),
            ("a:{x}{+y}", E::Adjacent(text("x"), text("y"))),
            ("a:{+x}/{+y}", E::TwoSpans(text("x"), text("y"))),
            ("a:{+x,y}", E::TwoSpans(text("x"), text("y"))),
            ("a:{+x}{#y}", E::TwoSpans(text("x"), text("y"))),
            ("a:b{?x}/c", E::BehindParameters(text("/c"))),
            ("a:b{?x}{y}", E::BehindParameters(text("{y}"))),
            ("a:b{?x}{#y}", E::BehindParameters(text("{#y}"))),
            ("a:b{#y}{?x}", E::BehindFragment('?')),
            ("a:b{?x}{;y}", E::BehindQuery),
            ("a:b?c{;y}", E::BehindQuery),
            ("a:{+x}{;y}", E::BehindSpan { name: text("x"), operator: ';' }),
            ("a:?{+x}{&y}", E::BehindSpan { name: text("x"), operator: '&' }),
            ("a:b{?x}{?y}", E::SecondQuery),
            ("a:b{?x}{&y}", E::SecondQuery),
            ("a:b?c=1{?x}", E::QueryStarted),
            ("a:b{&x}", E::QueryNotStarted),
        ];
        for (text, expected) in cases {
            assert_eq!(UriTemplate::parse(text), Err(expected), "{text}");
        }
    }
}
