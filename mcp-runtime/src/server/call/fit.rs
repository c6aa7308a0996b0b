//! Makes a value fit its type where it means what the type wants, and says where and why it does not.
//!
//! Nothing here accepts a value: that is left to the type. So a shape that is not what its type reads costs a message, and
//! nothing else.

use std::borrow::Cow;
use std::fmt;

use super::check::{counted, is_below, join};
use crate::json::read::without_position;
use crate::json::tree::{Json, MAX_DEPTH, Node};
use crate::json::truncate::truncated;
use crate::server::catalog::schema::shape::{Kind, Shape, Shapes, Size};

/// Limits the work on one argument beyond reading it once: a step is a part that is compared with a form, 64 bytes that are
/// copied, or a part of a path that is written. Each level of a type with several forms can multiply them.
const MAX_STEPS: usize = 100_000;

/// Limits the problems that are collected in one argument.
const MAX_PROBLEMS: usize = 100;

/// Limits how often a text inside of a text inside of a text is read as JSON.
const MAX_TEXTS: usize = 2;

/// Limits the digits of an integer that is written with an exponent: no type has as many.
const MAX_DIGITS: usize = 40;

/// A value that was made to fit, and what is wrong with it still.
pub(crate) struct Fitted {
    /// The value as JSON, without spaces.
    pub(crate) text: String,
    problems: Vec<Problem>,
}

/// A part of a value that is not as its type wants it.
#[derive(Debug)]
struct Problem {
    path: String,
    message: String,
    cause: Cause,
}

/// The rule that a part of a value does not keep to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// Its type, which does not read it.
    Type,
    /// A size that may be that of its type.
    Size,
    /// A limit of which only the schema speaks.
    Limit,
    /// Its type, with limits that can't be looked for in what the schema does not describe.
    Unchecked,
}

/// A fault of a value.
#[derive(Debug, Default)]
struct Problems {
    /// The first ones, and the first that is more than a type that may read the value nevertheless.
    kept: Vec<Problem>,
    /// The number of those for which a type may not read the value.
    misfits: usize,
    has_violation: bool,
}

impl Problems {
    /// Counts one more, and returns `true` if it is to be kept.
    fn count(&mut self, cause: Cause) -> bool {
        let is_first_violation = cause != Cause::Type && !self.has_violation;
        self.has_violation |= is_first_violation;
        // A type does not know the limits.
        self.misfits += usize::from(cause != Cause::Limit);
        is_first_violation || self.kept.len() < MAX_PROBLEMS
    }

    fn extend(&mut self, others: Self) {
        let misfits = self.misfits + others.misfits;
        for problem in others.kept {
            if self.count(problem.cause) {
                self.kept.push(problem);
            }
        }
        self.misfits = misfits;
    }
}

/// The way to a part of an argument.
pub(crate) enum Path<'p> {
    Argument(&'p str),
    Member(&'p Path<'p>, &'p str),
    Item(&'p Path<'p>, usize),
}

impl<'p> Path<'p> {
    /// The parts of the path, from the last to the first.
    fn parts(&'p self) -> impl Iterator<Item = &'p Self> {
        std::iter::successors(Some(self), |path| match path {
            Self::Argument(_) => None,
            Self::Member(of, _) | Self::Item(of, _) => Some(of),
        })
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<&Path<'_>> = self.parts().collect();
        parts.into_iter().rev().try_for_each(|part| match part {
            Path::Argument(name) => f.write_str(name),
            Path::Item(_, index) => write!(f, "[{index}]"),
            Path::Member(_, name) => {
                let name = truncated(name);
                let is_plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-' || c == '$' || c == '@';
                if !name.is_empty() && name.chars().all(is_plain) {
                    write!(f, ".{name}")
                } else {
                    write!(f, "[{}]", mcp_core::json_string(name))
                }
            }
        })
    }
}

/// Makes an argument fit.
pub(crate) fn fit(shapes: &Shapes, shape: &Shape, name: &str, mut json: Json<'_>, is_lenient: bool) -> Fitted {
    let steps_left = MAX_STEPS + json.weight();
    let mut fitting =
        Fitting { shapes, is_lenient, steps_left, is_given_up: false, texts: 0, problems: Problems::default() };
    fitting.fit(shape, &mut json, &Path::Argument(name));
    let mut text = String::new();
    json.write(&mut text);
    Fitted { text, problems: fitting.problems.kept }
}

impl Fitted {
    /// Returns why a value that was read is not allowed: it keeps to its type, and not to what the schema says beyond it.
    pub(crate) fn violation(&self) -> Option<&str> {
        self.problems.iter().find(|problem| problem.cause != Cause::Type).map(|problem| &*problem.message)
    }

    /// Returns where and why the type did not read the value, without the names of Rust.
    pub(crate) fn why(&self, name: &str, error: &serde_json::Error) -> String {
        let Place { path, is_name } = self.place_of(name, error);
        let is_within = |inner: &str, outer: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        let found = self.problems.iter().find(|problem| is_within(&problem.path, &path));
        let found = found.or_else(|| self.problems.iter().find(|problem| is_within(&path, &problem.path)));
        match found {
            Some(problem) => problem.message.clone(),
            None if is_name => plain_of_name(&path, &without_position(error)),
            None => plain(&path, &without_position(error)),
        }
    }

    /// Returns the part that the parser had just read.
    fn place_of(&self, name: &str, error: &serde_json::Error) -> Place {
        let argument = Path::Argument(name);
        if error.line() != 1 {
            return Place::value(&argument);
        }
        let Ok(raw) = serde_json::from_str(&self.text) else { return Place::value(&argument) };
        let Some(json) = Json::of(raw) else { return Place::value(&argument) };
        place_at(&json, error.column(), &argument)
    }
}

/// A part of a value.
pub(crate) struct Place {
    path: String,
    /// Set for the name of a member, rather than its value.
    is_name: bool,
}

impl Place {
    fn value(path: &Path<'_>) -> Self {
        Self { path: path.to_string(), is_name: false }
    }
}

pub(crate) fn place_at(json: &Json<'_>, offset: usize, path: &Path<'_>) -> Place {
    let contains = |part: &Json<'_>| part.span.0 < offset && offset <= part.span.1;
    match &json.node {
        Node::Array(items) => {
            let found = items.iter().enumerate().find(|(_, item)| contains(item));
            found.map_or_else(|| Place::value(path), |(index, item)| place_at(item, offset, &Path::Item(path, index)))
        }
        Node::Object(members) => {
            // Where the comma or the brace before a name is.
            let mut before = json.span.0;
            for (name, value) in members {
                let path = Path::Member(path, name);
                if contains(value) {
                    return place_at(value, offset, &path);
                }
                if before + 1 < offset && offset <= value.span.0 {
                    return Place { path: path.to_string(), is_name: true };
                }
                before = value.span.1;
            }
            Place::value(path)
        }
        Node::Scalar(_) => Place::value(path),
    }
}

struct Fitting<'s> {
    shapes: &'s Shapes,
    is_lenient: bool,
    steps_left: usize,
    is_given_up: bool,
    /// The number of texts that the value is inside of.
    texts: usize,
    problems: Problems,
}

impl Fitting<'_> {
    fn fit(&mut self, shape: &Shape, json: &mut Json<'_>, path: &Path<'_>) {
        let shape = self.shapes.resolve(shape);
        // Each form looks for its tag among the members.
        let forms = shape.forms.len() * (1 + json.members() / 64);
        if !self.spend(json.own_weight() + forms) {
            if !self.is_given_up {
                self.is_given_up = true;
                self.limit(path, || "it is too complex to be checked".to_owned());
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

    /// Takes these steps, if there are as many left.
    fn spend(&mut self, steps: usize) -> bool {
        let left = self.steps_left.checked_sub(steps);
        self.steps_left = left.unwrap_or_default();
        left.is_some()
    }

    /// Takes a text for what it says, where a text is not wanted.
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
                // The whole nests no deeper than one text may.
                Json::parse(text, MAX_DEPTH.saturating_sub(path.parts().count()))
            }
            _ => None,
        };
        if let Some(read) = read {
            *json = read;
        }
    }

    /// Makes the value fit the form that it has, or the one that it is nearest to.
    fn fit_form(&mut self, forms: &[Shape], json: &mut Json<'_>, path: &Path<'_>) {
        let forms: Vec<&Shape> = forms.iter().map(|form| self.shapes.resolve(form)).collect();
        if let Some(variants) = variants(&forms)
            && let Some(given) = variant_of(json)
            && !variants.contains(&given)
        {
            // Only variants without fields, and so without limits, are read from a text.
            let cause = if json.as_text().is_some() { Cause::Type } else { unread(forms.iter().copied(), json) };
            return self.problem(path, cause, || {
                format!("expected {}, got {}", one_of(&variants), mcp_core::json_string(truncated(&given)))
            });
        }
        let admitting: Vec<&Shape> = forms.iter().copied().filter(|form| self.admits(form, json)).collect();
        if let Node::Array(items) = &json.node
            && !admitting.is_empty()
            && forms.iter().any(|form| form.is_limited() && self.may_be_read_from_items(form, items))
        {
            let message = || "expected an object with the names of its members, got an array".to_owned();
            return self.problem(path, Cause::Unchecked, message);
        }
        let tagged = tagged(&admitting, json);
        match (&admitting[..], &tagged[..]) {
            ([], _) => {
                let kinds: Vec<Kind> = forms.iter().flat_map(|form| self.kinds(form)).collect();
                let cause = unread(forms.iter().copied(), json);
                self.problem(path, cause, || format!("expected {}, got {}", words(&kinds), got(json)));
            }
            (_, []) => self.wrong_tag(&admitting, json, path),
            (_, [only]) => self.fit(only, json, path),
            (_, several) => self.fit_nearest(several, json, path),
        }
    }

    fn fit_nearest(&mut self, forms: &[&Shape], json: &mut Json<'_>, path: &Path<'_>) {
        let others = std::mem::take(&mut self.problems);
        let mut nearest: Option<(Json<'_>, Problems)> = None;
        for form in forms {
            if nearest.is_some() && !self.spend(json.weight()) {
                break;
            }
            let mut candidate = json.clone();
            self.fit(form, &mut candidate, path);
            let problems = std::mem::take(&mut self.problems);
            // A type takes the first form that it can read.
            let is_read = problems.misfits == 0;
            if nearest.as_ref().is_none_or(|(_, least)| problems.misfits < least.misfits) {
                nearest = Some((candidate, problems));
            }
            if is_read {
                break;
            }
        }
        self.problems = others;
        if let Some((candidate, problems)) = nearest {
            *json = candidate;
            self.problems.extend(problems);
        }
    }

    /// Returns `true` if a struct that is one of several forms may be read from an array, as serde does: in the order of its
    /// fields, without those at the end that have a default.
    pub(crate) fn may_be_read_from_items(&self, shape: &Shape, items: &[Json<'_>]) -> bool {
        let shape = self.shapes.resolve(shape);
        let takes = |name: &String| {
            shape.properties.get(name).is_some_and(|property| items.iter().any(|item| self.admits(property, item)))
        };
        let is_taken = |item: &Json<'_>| shape.properties.values().any(|property| self.admits(property, item));
        // Of which fields, is not known where they are those of several types.
        let is_any = !shape.all.is_empty() && !items.is_empty();
        if is_any || shape.forms.iter().any(|form| self.may_be_read_from_items(form, items)) {
            return true;
        }
        !shape.properties.is_empty()
            && (shape.required.len()..=shape.properties.len()).contains(&items.len())
            && shape.required.iter().all(takes)
            && items.iter().all(is_taken)
    }

    /// Says which tags there are, for an object that has none of them.
    fn wrong_tag(&mut self, forms: &[&Shape], json: &Json<'_>, path: &Path<'_>) {
        let tags: Vec<(&str, String)> = forms
            .iter()
            .flat_map(|form| &form.properties)
            .filter(|(_, shape)| shape.is_tag())
            .map(|(name, shape)| (&**name, choice(&shape.choices[0])))
            .collect();
        let Some((tag, _)) = tags.first() else { return };
        let path = Path::Member(path, tag);
        let mut choices: Vec<String> = Vec::new();
        for (_, choice) in tags.iter().filter(|(name, _)| name == tag) {
            if !choices.contains(choice) {
                choices.push(choice.clone());
            }
        }
        match member(json, tag) {
            Some(value) => {
                let cause = unread(forms.iter().copied(), json);
                self.problem(&path, cause, || format!("expected {}, got {}", one_of(&choices), got(value)));
            }
            None => self.missing(&path, unread(forms.iter().copied(), json)),
        }
    }

    /// Makes the value fit without regard to forms.
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
                let kind = if shape.kinds.is_empty() { "a value".to_owned() } else { words(&shape.kinds) };
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
                    self.problem(path, cause, || format!("expected {}, got {}", number_words(shape), truncated(text)));
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

    pub(crate) fn fit_members(&mut self, shape: &Shape, members: &mut Vec<(Cow<'_, str>, Json<'_>)>, path: &Path<'_>) {
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
                // A type that reads the value nevertheless reads this from a member that it has another name for.
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

    /// The members that the schema has no name for, and that may be the value of this property.
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

    /// Returns `true` if this stands for a value that was left out.
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

    /// Returns the kinds that a value of this shape can have; none are all.
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
                number_words(shape)
            } else {
                words(&shape.kinds)
            };
            format!("expected {expected}, got {}", got(json))
        });
    }

    fn problem(&mut self, path: &Path<'_>, cause: Cause, why: impl FnOnce() -> String) {
        self.push(path, cause, |path| format!("{path}: {}", why()));
    }

    fn limit(&mut self, path: &Path<'_>, why: impl FnOnce() -> String) {
        self.problem(path, Cause::Limit, why);
    }

    fn missing(&mut self, path: &Path<'_>, cause: Cause) {
        self.push(path, cause, |path| format!("{path} is missing"));
    }

    fn push(&mut self, path: &Path<'_>, cause: Cause, message: impl FnOnce(&str) -> String) {
        if self.problems.count(cause) {
            self.spend(path.parts().count());
            let path = path.to_string();
            let message = message(&path);
            self.problems.kept.push(Problem { path, message, cause });
        }
    }
}

/// The cause where a value is not as the schema says. If its type reads it nevertheless, it must not have limits: they could
/// be anywhere in the value, but not in `null`.
fn unread<'s>(shapes: impl IntoIterator<Item = &'s Shape>, json: &Json<'_>) -> Cause {
    let is_limited = kind_of(json) != Kind::Null && shapes.into_iter().any(Shape::is_limited);
    if is_limited { Cause::Unchecked } else { Cause::Type }
}

/// The variants of an enum that a text or the name of the only member tells, if all these forms are of one.
fn variants(forms: &[&Shape]) -> Option<Vec<String>> {
    let mut variants = Vec::new();
    for form in forms {
        match form.only_member() {
            Some(name) => variants.push(name.to_owned()),
            None if form.kinds == [Kind::Text] && !form.choices.is_empty() => {
                variants.extend(form.choices.iter().map(choice));
            }
            None => return None,
        }
    }
    Some(variants)
}

/// The variant of such an enum that a value names.
fn variant_of(json: &Json<'_>) -> Option<String> {
    match &json.node {
        Node::Scalar(_) => json.as_text().map(Cow::into_owned),
        Node::Object(members) => match &members[..] {
            [(name, _)] => Some(name.clone().into_owned()),
            _ => None,
        },
        Node::Array(_) => None,
    }
}

/// The forms whose tag the value has, and those without one.
fn tagged<'s>(forms: &[&'s Shape], json: &Json<'_>) -> Vec<&'s Shape> {
    let fits = |form: &&&Shape| {
        let mut tags = form.properties.iter().filter(|(_, shape)| shape.is_tag());
        tags.all(|(name, shape)| member(json, name).is_some_and(|value| is_equal(&shape.choices[0], value)))
    };
    match &json.node {
        Node::Object(members) => {
            let of_member = |form: &&&Shape| match form.only_member() {
                Some(name) => members.iter().any(|(given, _)| given == name),
                None => true,
            };
            forms.iter().filter(fits).filter(of_member).copied().collect()
        }
        _ => forms.to_vec(),
    }
}

fn member<'j>(json: &'j Json<'_>, name: &str) -> Option<&'j Json<'j>> {
    match &json.node {
        Node::Object(members) => members.iter().find(|(given, _)| given == name).map(|(_, value)| value),
        _ => None,
    }
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

/// Returns `true` if this is the JSON of a number.
fn is_number(text: &str) -> bool {
    text.starts_with(|c: char| c == '-' || c.is_ascii_digit())
        && serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok()
}

/// The integer that a number is, however it is written (JSON Schema 2020-12 validation, §6.1.1).
pub(crate) fn whole(number: &str) -> Option<Cow<'_, str>> {
    let (sign, unsigned) = match number.strip_prefix('-') {
        Some(unsigned) => ("-", unsigned),
        None => ("", number),
    };
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if before.is_empty() || !before.bytes().chain(after.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if mantissa.len() == unsigned.len() && after.is_empty() && number != "-0" {
        return Some(Cow::Borrowed(number));
    }
    let digits = format!("{before}{after}");
    let digits = digits.trim_end_matches('0');
    if digits.trim_start_matches('0').is_empty() {
        return Some(Cow::Owned("0".to_owned()));
    }
    let point =
        exponent.parse::<i64>().ok().and_then(|exponent| exponent.checked_add(before.len().try_into().ok()?))?;
    let point = usize::try_from(point).ok().filter(|point| *point >= digits.len())?;
    let integer = digits.trim_start_matches('0');
    let zeros = point - digits.len();
    (integer.len() + zeros <= MAX_DIGITS).then(|| Cow::Owned(format!("{sign}{integer}{}", "0".repeat(zeros))))
}

/// The words for some kinds.
fn words(kinds: &[Kind]) -> String {
    let mut words: Vec<&str> = Vec::new();
    for kind in kinds.iter().filter(|kind| **kind != Kind::Null || kinds.len() == 1) {
        if !words.contains(&kind.words()) {
            words.push(kind.words());
        }
    }
    words.join(" or ")
}

fn number_words(shape: &Shape) -> String {
    let kind = if shape.kinds.contains(&Kind::Integer) { "an integer" } else { "a number" };
    let range = &shape.range;
    match (&range.minimum, &range.maximum) {
        (Some(minimum), Some(maximum)) => format!("{kind} from {minimum} to {maximum}"),
        _ => {
            let ends = [
                ("at least", &range.minimum),
                ("more than", &range.above),
                ("at most", &range.maximum),
                ("less than", &range.below),
            ];
            let ends = ends.iter().filter_map(|(words, end)| Some(format!("{words} {}", end.as_ref()?)));
            let ends = ends.collect::<Vec<_>>().join(" and ");
            if ends.is_empty() { kind.to_owned() } else { format!("{kind} of {ends}") }
        }
    }
}

fn choice(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn one_of(choices: &[String]) -> String {
    match choices {
        [only] => only.clone(),
        several => format!("one of {}", several.join(", ")),
    }
}

/// The words for what was given.
fn got<'j>(json: &'j Json<'_>) -> &'j str {
    match &json.node {
        Node::Scalar(text) => truncated(text),
        Node::Array(_) => "an array",
        Node::Object(_) => "an object",
    }
}

/// Says what a type says about the name of a member.
fn plain_of_name(path: &str, said: &str) -> String {
    if let Some((_, variants)) = unknown_variant(said) {
        return format!("{path}: the name must be {}", one_of(&variants));
    }
    match said.strip_prefix("invalid value: ") {
        Some(said) if said.contains("key to be a number") => format!("{path}: the name must be a number"),
        _ => plain(path, said),
    }
}

/// The name that no variant has, and those that there are.
fn unknown_variant(said: &str) -> Option<(&str, Vec<String>)> {
    let (given, expected) = said.strip_prefix("unknown variant `")?.split_once("`, expected ")?;
    Some((given, expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()))
}

/// Says what a type says about a value, without the names that only Rust has.
fn plain(path: &str, said: &str) -> String {
    if let Some(name) = said.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        return format!("{path}.{name} is missing");
    }
    if said.starts_with("data did not match any variant") {
        return format!("{path}: it has none of the forms that are allowed");
    }
    if let Some((given, variants)) = unknown_variant(said) {
        return format!("{path}: expected {}, got {}", one_of(&variants), mcp_core::json_string(given));
    }
    let rest = ["invalid type: ", "invalid value: "].iter().find_map(|prefix| said.strip_prefix(prefix));
    if let Some((found, expected)) = rest.and_then(|rest| rest.split_once(", expected ")) {
        let found = match found.split_once('`').and_then(|(_, value)| value.split_once('`')) {
            Some((value, _)) => value,
            None => match found {
                "map" => "an object",
                "sequence" => "an array",
                found => found.strip_prefix("string ").unwrap_or(found),
            },
        };
        return format!("{path}: expected {}, got {found}", without_rust(expected));
    }
    format!("{path}: {said}")
}

/// Translates what serde expects into the words of JSON.
fn without_rust(expected: &str) -> &str {
    match expected {
        "a boolean" => "true or false",
        "a map" => "an object",
        "a sequence" => "an array",
        "f32" | "f64" => "a number",
        "unit" => "null",
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => {
            "an integer"
        }
        _ if expected.starts_with("a nonzero ") => "an integer other than 0",
        _ if expected.starts_with("tuple") || expected.starts_with("a tuple") => "an array",
        _ if expected.starts_with("struct") => "an object",
        _ if expected.contains("enum") || expected.contains("variant") || expected.contains("struct") => {
            "one of the forms that are allowed"
        }
        _ => expected,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde::Deserialize;

    use super::*;
    use crate::server::Argument;
    use crate::server::declare::parameter::Parameter;

    /// The steps that were taken beyond one for each part, and the problems.
    fn fitted<T: schemars::JsonSchema + for<'de> Deserialize<'de> + 'static>(
        text: &str,
        is_lenient: bool,
    ) -> (usize, Problems) {
        let parameter: &'static Parameter = Box::leak(Box::new(Parameter::new("p", T::TYPE)));
        let shapes = Shapes::new(std::iter::once(parameter));
        let raw: &serde_json::value::RawValue = serde_json::from_str(text).expect("JSON");
        let mut json = Json::of(raw).expect("names that are texts");
        let mut fitting = Fitting {
            shapes: &shapes,
            is_lenient,
            steps_left: MAX_STEPS,
            is_given_up: false,
            texts: 0,
            problems: Problems::default(),
        };
        fitting.fit(shapes.parameter(0).expect("a parameter"), &mut json, &Path::Argument("p"));
        (MAX_STEPS - fitting.steps_left, fitting.problems)
    }

    #[derive(Deserialize, schemars::JsonSchema)]
    #[serde(untagged)]
    #[expect(dead_code, reason = "only its schema is used")]
    enum Many {
        Number(f64),
        List(Vec<Many>),
        Map(HashMap<String, Many>),
        Member { a: Box<Many> },
    }

    #[test]
    fn a_path_is_written_for_no_more_problems_than_are_kept() {
        let text = format!(r#"{{"{}":[{}-1]}}"#, "n".repeat(10_000), "-1,".repeat(9_999));
        let (steps, problems) = fitted::<HashMap<String, Vec<u32>>>(&text, false);
        // One for each number, and three for each path.
        assert_eq!((steps, problems.kept.len()), (10_002 + 3 * MAX_PROBLEMS, MAX_PROBLEMS));
        assert_eq!(problems.misfits, 10_000);
        assert!(problems.kept.iter().all(|problem| problem.message.len() < 256));
    }

    #[test]
    fn the_work_on_a_type_with_several_forms_has_an_end() {
        let nested = |text: &str| format!("{}{text}{}", r#"{"a":"#.repeat(30), "}".repeat(30));
        let text = nested("true");
        let (steps, problems) = fitted::<Many>(&text, false);
        assert_eq!(steps, MAX_STEPS);
        assert!(problems.has_violation);
        assert!(fitted::<Many>(&nested("1"), false).1.kept.is_empty());
    }

    #[test]
    fn texts_in_a_text_nest_no_deeper_than_one() {
        let nested = |text: &str| format!("{}{text}{}", r#"{"a":"#.repeat(100), "}".repeat(100));
        let inner = mcp_core::json_string(&nested("1")).to_string();
        let (_, problems) = fitted::<HashMap<String, Many>>(&nested(&inner), true);
        assert!(problems.misfits > 0);
        let (_, problems) = fitted::<Many>(&mcp_core::json_string(&nested("1")).to_string(), true);
        assert_eq!(problems.misfits, 0);
    }

    #[test]
    fn a_violation_is_never_crowded_out() {
        let mut problems = Problems::default();
        let mut push = |cause| {
            if problems.count(cause) {
                problems.kept.push(Problem { path: "p".to_owned(), message: "wrong".to_owned(), cause });
            }
            problems.kept.len()
        };
        assert_eq!((0..200).map(|_| push(Cause::Type)).last(), Some(MAX_PROBLEMS));
        assert_eq!(push(Cause::Limit), MAX_PROBLEMS + 1);
        assert_eq!(push(Cause::Limit), MAX_PROBLEMS + 1);
        assert_eq!(problems.misfits, 200);
    }

    #[test]
    fn a_whole_number_is_an_integer_however_it_is_written() {
        for (number, expected) in [
            ("5", Some("5")),
            ("5.0", Some("5")),
            ("-5.000", Some("-5")),
            ("1e3", Some("1000")),
            ("1.5E+1", Some("15")),
            ("1200e-2", Some("12")),
            ("-0", Some("0")),
            ("-7", Some("-7")),
            ("-0.0", Some("0")),
            ("0e99999999999999999999", Some("0")),
            ("9007199254740993.0", Some("9007199254740993")),
            ("5.5", None),
            ("1e-1", None),
            ("1e40", None),
            ("1e99999999999999999999", None),
            ("-1e9223372036854775807", None),
            ("null", None),
        ] {
            assert_eq!(whole(number).as_deref(), expected, "{number}");
        }
    }

    #[test]
    fn what_a_type_says_has_no_names_of_rust() {
        for (said, expected) in [
            ("missing field `name`", "a.name is missing"),
            ("invalid type: integer `1`, expected struct Address", "a: expected an object, got 1"),
            ("invalid type: string \"x\", expected u8", "a: expected an integer, got \"x\""),
            ("invalid type: map, expected a sequence", "a: expected an array, got an object"),
            ("invalid type: null, expected tuple struct Pair with 2 elements", "a: expected an array, got null"),
            ("unknown variant `c`, expected `a` or `b`", "a: expected one of a, b, got \"c\""),
            ("unknown variant `c`, expected one of `a`, `b`, `d`", "a: expected one of a, b, d, got \"c\""),
            ("invalid value: integer `0`, expected a nonzero i64", "a: expected an integer other than 0, got 0"),
            ("data did not match any variant of untagged enum X", "a: it has none of the forms that are allowed"),
            ("input is out of range", "a: input is out of range"),
        ] {
            assert_eq!(plain("a", said), expected);
        }
    }
}
