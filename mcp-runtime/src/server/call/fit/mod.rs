//! The fit of a value to the shape of its type: coercion where the meaning is clear, and problems with their paths.
//!
//! Only the type accepts a value. A shape that differs from what its type reads can therefore make a message worse, but
//! never admits a value.

mod explanation;
mod forms;
mod path;
mod problems;
#[cfg(test)]
mod tests;
mod words;

use std::borrow::Cow;

pub(crate) use self::explanation::Fit;
use self::path::Path;
use self::problems::{Cause, Problem, Problems};
use self::words::{choice, got, one_of};
use super::check::{counted, join};
use crate::json::number::{is_below, is_number, whole};
use crate::json::tree::{Json, MAX_DEPTH, Node};
use crate::json::truncate::truncated;
use crate::server::catalog::schema::shape::{Kind, Shape, Shapes, Size};

/// Limits the steps of one argument, beyond one for each of its parts.
///
/// A step is the comparison of a part with a form, a copy of 64 bytes, or a segment of a path in a message. Each level of a
/// type with several forms can multiply them.
const MAX_STEPS: usize = 100_000;

/// Limits the levels of texts in texts that are read as JSON.
const MAX_TEXTS: usize = 2;

/// Fits an argument to its shape.
pub(crate) fn fit(shapes: &Shapes, shape: &Shape, name: &str, mut json: Json<'_>, is_lenient: bool) -> Fit {
    let steps_left = MAX_STEPS + json.weight();
    let mut fitter =
        Fitter { shapes, is_lenient, steps_left, is_given_up: false, texts: 0, problems: Problems::default() };
    fitter.fit(shape, &mut json, &Path::Argument(name));
    let mut text = String::new();
    json.write(&mut text);
    Fit { text, problems: fitter.problems.list }
}

/// The fit of one argument, with its budget of steps.
struct Fitter<'s> {
    shapes: &'s Shapes,
    is_lenient: bool,
    steps_left: usize,
    is_given_up: bool,
    /// The number of texts around the value.
    texts: usize,
    problems: Problems,
}

impl Fitter<'_> {
    fn fit(&mut self, shape: &Shape, json: &mut Json<'_>, path: &Path<'_>) {
        let shape = self.shapes.resolve(shape);
        // Each form searches its tag among the members.
        let forms = shape.forms.len() * (1 + json.members() / 64);
        if !self.spend(json.own_weight() + forms) {
            if !self.is_given_up {
                self.is_given_up = true;
                self.problem(path, Cause::Limit, || "it is too complex to be checked".to_owned());
            }
            return;
        }
        let texts = self.texts;
        if self.is_lenient {
            let kinds = self.kinds(shape);
            self.read_text(&kinds, json, path);
        }
        if !shape.forms.is_empty() {
            self.fit_form(&shape.forms, json, path);
        }
        for shape in &shape.all {
            self.fit(shape, json, path);
        }
        self.fit_itself(shape, json, path);
        self.texts = texts;
    }

    /// Takes some of the steps. Returns `false` if there were too few.
    fn spend(&mut self, steps: usize) -> bool {
        let left = self.steps_left.checked_sub(steps);
        self.steps_left = left.unwrap_or_default();
        left.is_some()
    }

    /// Replaces a text by its content, if its shape has no texts.
    fn read_text(&mut self, kinds: &[Kind], json: &mut Json<'_>, path: &Path<'_>) {
        if kinds.is_empty() || kinds.contains(&Kind::Text) {
            return;
        }
        let Some(text) = json.as_text() else { return };
        let text = text.trim();
        let wants = |kind| kinds.contains(&kind);
        let read = match text {
            "" | "null" if wants(Kind::Null) => Some(Json::scalar("null")),
            "true" | "True" | "TRUE" if wants(Kind::Boolean) => Some(Json::scalar("true")),
            "false" | "False" | "FALSE" if wants(Kind::Boolean) => Some(Json::scalar("false")),
            _ if (wants(Kind::Integer) || wants(Kind::Number)) && is_number(text) => {
                Some(Json::scalar(text.to_owned()))
            }
            _ if self.texts < MAX_TEXTS
                && ((text.starts_with('[') && wants(Kind::Array))
                    || (text.starts_with('{') && wants(Kind::Object))) =>
            {
                self.texts += 1;
                // The value with its inner texts must not nest deeper than one text may.
                Json::parse(text, MAX_DEPTH.saturating_sub(path.parts().count()))
            }
            _ => None,
        };
        if let Some(read) = read {
            *json = read;
        }
    }

    /// Fits the value to the keywords of the shape itself.
    fn fit_itself(&mut self, shape: &Shape, json: &mut Json<'_>, path: &Path<'_>) {
        let kind = kind_of(json);
        if !shape.kinds.is_empty() {
            match &mut json.node {
                Node::Scalar(text) if kind == Kind::Number && !shape.kinds.contains(&Kind::Number) => {
                    match whole(text).filter(|_| shape.kinds.contains(&Kind::Integer)) {
                        Some(Cow::Owned(integer)) => *text = integer.into(),
                        Some(Cow::Borrowed(_)) => {}
                        None => return self.unexpected(shape, json, path),
                    }
                }
                _ if !shape.kinds.contains(&kind) && kind != Kind::Number => {
                    return self.unexpected(shape, json, path);
                }
                _ => {}
            }
        }
        if !shape.choices.is_empty() && !shape.choices.iter().any(|choice| is_equal(choice, json)) {
            return self.unexpected(shape, json, path);
        }
        if shape.excluded.iter().any(|value| is_equal(value, json)) {
            return self.problem(path, unread([shape], json), || {
                let others = shape.excluded.iter().map(choice).collect::<Vec<_>>().join(", ");
                let kind = if shape.kinds.is_empty() { "a value".to_owned() } else { words::kinds(&shape.kinds) };
                format!("expected {kind} other than {others}, got {}", got(json))
            });
        }
        match &mut json.node {
            Node::Scalar(text) if kind == Kind::Number => {
                let range = &shape.range;
                let is_outside = range.minimum.as_ref().is_some_and(|end| is_below(text, end))
                    || range.maximum.as_ref().is_some_and(|end| is_below(end, text))
                    || range.above.as_ref().is_some_and(|end| !is_below(end, text))
                    || range.below.as_ref().is_some_and(|end| !is_below(text, end));
                let is_unnatural = shape
                    .natural_range
                    .is_some_and(|(minimum, maximum)| is_below(text, minimum) || is_below(maximum, text));
                if is_outside || is_unnatural {
                    let cause = if is_unnatural { Cause::Type } else { Cause::Limit };
                    self.problem(path, cause, || {
                        format!("expected {}, got {}", words::numbers(shape), truncated(text))
                    });
                }
            }
            Node::Scalar(_) if kind == Kind::Text => {
                let length = || json.as_text().map_or(0, |text| text.chars().count());
                if shape.length.minimum.is_some() || shape.length.maximum.is_some() {
                    self.check_size(&shape.length, length(), "characters", path);
                }
            }
            Node::Scalar(_) => {}
            Node::Array(items) => {
                self.check_size(&shape.items, items.len(), "items", path);
                for (index, item) in items.iter_mut().enumerate() {
                    if let Some(shape) = shape.item_shapes.get(index).or(shape.item_shape.as_deref()) {
                        self.fit(shape, item, &Path::Item(path, index));
                    }
                }
            }
            Node::Object(members) => {
                self.check_size(&shape.members, members.len(), "entries", path);
                self.fit_members(shape, members, path);
            }
        }
    }

    fn fit_members(&mut self, shape: &Shape, members: &mut Vec<(Cow<'_, str>, Json<'_>)>, path: &Path<'_>) {
        let mut seen: Vec<&str> = Vec::new();
        members.retain_mut(|(name, value)| {
            let path = Path::Member(path, name);
            if let Some((known, property)) = shape.properties.get_key_value(&**name) {
                let is_required = shape.required.contains(known);
                if self.is_lenient && !is_required && self.is_nothing(property, value) {
                    return false;
                }
                if seen.contains(&&**known) {
                    self.problem(&path, Cause::Type, || "it is given twice".to_owned());
                }
                seen.push(known);
                self.fit(property, value, &path);
            } else if let Some(shape) = &shape.member_shape {
                self.fit(shape, value, &path);
            } else if shape.is_closed {
                if self.is_lenient {
                    return false;
                }
                self.problem(&path, Cause::Type, || {
                    let mut known: Vec<&str> = shape.properties.keys().map(|name| &**name).collect();
                    known.sort_unstable();
                    match mcp_core::closest(truncated(name), known.iter().copied()) {
                        Some(meant) => format!("there is no such member; did you mean `{meant}`?"),
                        None => format!("there is no such member; the members are: {}", known.join(", ")),
                    }
                });
            }
            true
        });
        let is_absent = |name: &str| !members.iter().any(|(given, _)| given == name);
        for name in shape.required.iter().filter(|name| is_absent(name)) {
            let property = shape.properties.get(name).filter(|property| property.is_limited());
            let is_read = property.is_some_and(|property| !self.others(shape, property, members).is_empty());
            let cause = if property.is_some() && !is_read { Cause::Unchecked } else { Cause::Type };
            self.missing(&Path::Member(path, name), cause);
        }
        if shape.is_limited() {
            let limited = shape.properties.iter().filter(|(_, property)| property.is_limited());
            for (name, property) in limited.filter(|(name, _)| is_absent(name)) {
                // If the type reads the value nevertheless, it has another name for this member (`#[serde(alias)]`).
                if shape.is_closed || shape.required.contains(name) {
                    for (given, value) in self.others(shape, property, members) {
                        if self.spend(value.weight()) {
                            self.fit(property, &mut value.clone(), &Path::Member(path, given));
                        }
                    }
                }
            }
        }
    }

    /// Returns the members without a name in the schema that this property admits.
    fn others<'m, 'j>(
        &self,
        shape: &Shape,
        property: &Shape,
        members: &'m [(Cow<'j, str>, Json<'j>)],
    ) -> Vec<&'m (Cow<'j, str>, Json<'j>)> {
        let is_other = |name: &str| !shape.properties.contains_key(name);
        members.iter().filter(|(name, value)| is_other(name) && self.admits(property, value)).collect()
    }

    fn check_size(&mut self, size: &Size, actual: usize, unit: &str, path: &Path<'_>) {
        if size.minimum.is_some_and(|least| actual < least) || size.maximum.is_some_and(|most| actual > most) {
            let cause = if size.is_fixed() { Cause::Size } else { Cause::Limit };
            self.problem(path, cause, || {
                let range = match size.minimum {
                    Some(only) if size.is_fixed() => format!("exactly {only}"),
                    least => join(
                        least.map(|least| format!("at least {least}")),
                        size.maximum.map(|most| format!("at most {most}")),
                    ),
                };
                format!("must have {range} {}, not {actual}", counted(size.maximum.or(size.minimum), unit))
            });
        }
    }

    /// Returns `true` if the value stands for an absent one.
    fn is_nothing(&self, shape: &Shape, json: &Json<'_>) -> bool {
        match &json.node {
            Node::Scalar(text) if text == "\"\"" => true,
            Node::Scalar(text) if text == "null" => {
                let kinds = self.kinds(shape);
                !kinds.is_empty() && !kinds.contains(&Kind::Null)
            }
            _ => false,
        }
    }

    /// Returns the kinds of a shape's values. An empty list admits all.
    fn kinds(&self, shape: &Shape) -> Vec<Kind> {
        let shape = self.shapes.resolve(shape);
        if !shape.kinds.is_empty() {
            return shape.kinds.clone();
        }
        if shape.forms.is_empty() {
            return shape.all.iter().map(|part| self.kinds(part)).find(|kinds| !kinds.is_empty()).unwrap_or_default();
        }
        let mut kinds = Vec::new();
        for form in &shape.forms {
            let own = self.kinds(form);
            if own.is_empty() {
                return own;
            }
            kinds.extend(own);
        }
        kinds
    }

    fn admits(&self, shape: &Shape, json: &Json<'_>) -> bool {
        let kinds = self.kinds(shape);
        let is_whole = || matches!(&json.node, Node::Scalar(text) if whole(text).is_some());
        kinds.is_empty()
            || kinds.contains(&kind_of(json))
            || (kind_of(json) == Kind::Number && kinds.contains(&Kind::Integer) && is_whole())
    }

    fn unexpected(&mut self, shape: &Shape, json: &Json<'_>, path: &Path<'_>) {
        let cause = unread([shape], json);
        self.problem(path, cause, || {
            let expected = if !shape.choices.is_empty() {
                one_of(&shape.choices.iter().map(choice).collect::<Vec<_>>())
            } else if shape.kinds.contains(&Kind::Integer) && kind_of(json) == Kind::Number {
                words::numbers(shape)
            } else {
                words::kinds(&shape.kinds)
            };
            format!("expected {expected}, got {}", got(json))
        });
    }

    fn problem(&mut self, path: &Path<'_>, cause: Cause, why: impl FnOnce() -> String) {
        self.push(path, cause, |path| format!("{path}: {}", why()));
    }

    fn missing(&mut self, path: &Path<'_>, cause: Cause) {
        self.push(path, cause, |path| format!("{path} is missing"));
    }

    fn push(&mut self, path: &Path<'_>, cause: Cause, message: impl FnOnce(&str) -> String) {
        if self.problems.count(cause) {
            self.spend(path.parts().count());
            let path = path.to_string();
            let message = message(&path);
            self.problems.list.push(Problem { path, message, cause });
        }
    }
}

/// Returns the cause for a value that differs from its schema.
///
/// If the type reads the value nevertheless, limits of the schema could apply anywhere in the value, except for `null`.
fn unread<'s>(shapes: impl IntoIterator<Item = &'s Shape>, json: &Json<'_>) -> Cause {
    let is_limited = kind_of(json) != Kind::Null && shapes.into_iter().any(Shape::is_limited);
    if is_limited { Cause::Unchecked } else { Cause::Type }
}

fn kind_of(json: &Json<'_>) -> Kind {
    match &json.node {
        Node::Array(_) => Kind::Array,
        Node::Object(_) => Kind::Object,
        Node::Scalar(text) => match text.as_bytes().first() {
            Some(b'"') => Kind::Text,
            Some(b't' | b'f') => Kind::Boolean,
            Some(b'n') => Kind::Null,
            _ => Kind::Number,
        },
    }
}

fn is_equal(choice: &serde_json::Value, json: &Json<'_>) -> bool {
    match (choice.as_str(), json.as_text()) {
        (Some(choice), Some(text)) => choice == text,
        (None, None) => match &json.node {
            Node::Scalar(text) => serde_json::from_str(text).is_ok_and(|value: serde_json::Value| value == *choice),
            _ => false,
        },
        _ => false,
    }
}
