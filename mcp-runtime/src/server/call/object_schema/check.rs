//! The check of arguments against their schema.

use std::collections::HashMap;
use std::fmt;

use serde_json::{Map, Number, Value};

use super::node::{MAX_DEPTH, Node, OtherMembers, Size};
use crate::json::number::is_below;
use crate::json::truncate::truncated;
use crate::server::call::check::counted;

/// Limits the comparisons for the arguments of one call. Alternatives within alternatives multiply them.
pub(super) const MAX_STEPS: usize = 100_000;

/// The check of one call, with its budget of steps.
pub(super) struct Check<'s> {
    pub(super) definitions: &'s HashMap<String, Node>,
    pub(super) steps_left: usize,
}

/// The reason why a value is refused.
pub(super) enum Problem {
    Mismatch(String),
    TooComplex,
}

impl Check<'_> {
    fn value(&mut self, node: &Node, value: &Value, path: &Path<'_>, depth: usize) -> Result<(), Problem> {
        self.steps_left = self.steps_left.checked_sub(1).ok_or(Problem::TooComplex)?;
        // Deeper than any value, so that only references in a circle come here.
        if depth > 4 * MAX_DEPTH {
            return Err(Problem::TooComplex);
        }
        let depth = depth + 1;
        if !node.kinds.is_empty() && !node.kinds.iter().any(|kind| kind.contains(value)) {
            let kinds: Vec<&str> = node.kinds.iter().map(|kind| kind.words()).collect();
            return Err(path.mismatch(format_args!("expected {}, got {}", kinds.join(" or "), got(value))));
        }
        if let Some(choices) = &node.choices
            && !choices.iter().any(|choice| is_equal(choice, value))
        {
            let choices: Vec<String> = choices.iter().map(got).collect();
            return Err(path.mismatch(format_args!("expected {}, got {}", choices.join(" or "), got(value))));
        }
        match value {
            Value::Number(number) => check_number(node, number, path)?,
            Value::String(text) => {
                node.length.check(text.chars().count(), "characters", path)?;
                if let Some(pattern) = node.pattern.as_ref().filter(|pattern| !pattern.is_match(text)) {
                    return Err(path.mismatch(format_args!("must match the pattern `{}`", pattern.as_str())));
                }
            }
            Value::Array(items) => self.items(node, items, path, depth)?,
            Value::Object(members) => self.members(node, members, path, depth)?,
            Value::Null | Value::Bool(_) => {}
        }
        for part in &node.all {
            self.value(part, value, path, depth)?;
        }
        if let Some(definition) = node.reference.as_ref().and_then(|name| self.definitions.get(name)) {
            self.value(definition, value, path, depth)?;
        }
        if !node.any.is_empty() && self.count(&node.any, value, path, depth)? == 0 {
            return Err(path.mismatch(format_args!("is none of the alternatives, got {}", got(value))));
        }
        if !node.one.is_empty() {
            let count = self.count(&node.one, value, path, depth)?;
            if count != 1 {
                return Err(path.mismatch(format_args!("must be exactly one of the alternatives, not {count}")));
            }
        }
        match &node.not {
            Some(not) if self.count(std::slice::from_ref(not), value, path, depth)? > 0 => {
                Err(path.mismatch(format_args!("is excluded, got {}", got(value))))
            }
            _ => Ok(()),
        }
    }

    /// Counts the schemas that a value obeys.
    fn count(&mut self, nodes: &[Node], value: &Value, path: &Path<'_>, depth: usize) -> Result<usize, Problem> {
        let mut count = 0;
        for node in nodes {
            match self.value(node, value, path, depth) {
                Ok(()) => count += 1,
                Err(Problem::Mismatch(_)) => {}
                Err(Problem::TooComplex) => return Err(Problem::TooComplex),
            }
        }
        Ok(count)
    }

    fn items(&mut self, node: &Node, items: &[Value], path: &Path<'_>, depth: usize) -> Result<(), Problem> {
        node.items.check(items.len(), "items", path)?;
        for (index, item) in items.iter().enumerate() {
            if let Some(node) = node.first_items.get(index).or(node.other_items.as_deref()) {
                self.value(node, item, &Path::Item(path, index), depth)?;
            }
            if node.are_items_unique {
                self.steps_left = self.steps_left.checked_sub(index).ok_or(Problem::TooComplex)?;
                if items.iter().take(index).any(|other| is_equal(other, item)) {
                    return Err(Path::Item(path, index).mismatch("is given twice"));
                }
            }
        }
        Ok(())
    }

    pub(super) fn members(
        &mut self,
        node: &Node,
        members: &Map<String, Value>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Problem> {
        node.members.check(members.len(), "entries", path)?;
        for (name, value) in members {
            let known = node.properties.iter().find(|(known, _)| known == name).map(|(_, node)| node);
            let node = match (known, &node.other_members) {
                (Some(known), _) => known,
                (None, OtherMembers::Any) => continue,
                (None, OtherMembers::Of(node)) => node,
                (None, OtherMembers::None) => return Err(path.unknown(name, node)),
            };
            self.value(node, value, &Path::Member(path, name), depth)?;
        }
        match node.required.iter().find(|name| !members.contains_key(*name)) {
            Some(name) => Err(Problem::Mismatch(format!("Argument {} is missing", Path::Member(path, name)))),
            None => Ok(()),
        }
    }
}

fn check_number(node: &Node, number: &Number, path: &Path<'_>) -> Result<(), Problem> {
    let is_less = |one: &Number, other: &Number| is_below(&one.to_string(), &other.to_string());
    let ends = [
        ("at least", &node.minimum, node.minimum.as_ref().is_some_and(|end| is_less(number, end))),
        ("at most", &node.maximum, node.maximum.as_ref().is_some_and(|end| is_less(end, number))),
        ("more than", &node.above, node.above.as_ref().is_some_and(|end| !is_less(end, number))),
        ("less than", &node.below, node.below.as_ref().is_some_and(|end| !is_less(number, end))),
    ];
    match ends.into_iter().find(|(_, _, is_outside)| *is_outside) {
        Some((words, Some(end), _)) => Err(path.mismatch(format_args!("must be {words} {end}, not {number}"))),
        _ => Ok(()),
    }
}

impl Size {
    fn check(&self, actual: usize, unit: &str, path: &Path<'_>) -> Result<(), Problem> {
        let count = u64::try_from(actual).unwrap_or(u64::MAX);
        let (words, end) = match (self.minimum, self.maximum) {
            (Some(least), _) if count < least => ("at least", least),
            (_, Some(most)) if count > most => ("at most", most),
            _ => return Ok(()),
        };
        let unit = counted(usize::try_from(end).ok(), unit);
        Err(path.mismatch(format_args!("must have {words} {end} {unit}, not {actual}")))
    }
}

/// Returns `true` for equal values. `1` and `1.0` are equal in JSON Schema.
fn is_equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            let (one, other) = (one.to_string(), other.to_string());
            !is_below(&one, &other) && !is_below(&other, &one)
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let is_in = |(name, value): (&String, &Value)| other.get(name).is_some_and(|other| is_equal(value, other));
            one.len() == other.len() && one.iter().all(is_in)
        }
        _ => one == other,
    }
}

/// Returns a value for a message, truncated.
fn got(value: &Value) -> String {
    match value {
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::String(text) => mcp_core::json_string(truncated(text)),
        scalar => scalar.to_string(),
    }
}

/// The path to a value in the arguments.
pub(super) enum Path<'p> {
    Arguments,
    Member(&'p Self, &'p str),
    Item(&'p Self, usize),
}

impl Path<'_> {
    fn mismatch(&self, why: impl fmt::Display) -> Problem {
        Problem::Mismatch(match self {
            Self::Arguments => format!("The arguments: {why}"),
            path => format!("Argument {path}: {why}"),
        })
    }

    /// Reports a member that is not among the properties.
    fn unknown(&self, name: &str, node: &Node) -> Problem {
        let known: Vec<&str> = node.properties.iter().map(|(name, _)| &**name).collect();
        let name = truncated(name);
        let hint = match mcp_core::closest(name, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if known.is_empty() => "there are none".to_owned(),
            None => format!("there are: {}", known.join(", ")),
        };
        Problem::Mismatch(match self {
            Self::Arguments => format!("Unknown argument `{name}`; {hint}"),
            path => format!("Argument {path}: there is no member `{name}`; {hint}"),
        })
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arguments => Ok(()),
            Self::Member(Self::Arguments, name) => f.write_str(truncated(name)),
            Self::Member(of, name) => write!(f, "{of}.{}", truncated(name)),
            Self::Item(of, index) => write!(f, "{of}[{index}]"),
        }
    }
}
