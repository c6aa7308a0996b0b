//! JSON schemas that are known at run time only, and the check of arguments against them.
//!
//! A schema whose keywords are not all enforced does not exist, so that a value that passes obeys the whole schema.

use std::collections::HashMap;
use std::fmt;

use regex_lite::Regex;
use serde_json::{Map, Number, Value};

use super::check::counted;
use crate::json::number::is_below;
use crate::json::truncate::truncated;

/// Limits the nesting of a schema, and the references that are followed within one value.
const MAX_DEPTH: usize = 64;

/// Limits the comparisons for the arguments of one call. Alternatives within alternatives multiply them.
const MAX_STEPS: usize = 100_000;

/// The keywords that constrain nothing.
const ANNOTATIONS: [&str; 13] = [
    "$comment",
    "$defs",
    "$id",
    "$schema",
    "contentEncoding",
    "contentMediaType",
    "default",
    "deprecated",
    "description",
    "examples",
    "format",
    "readOnly",
    "title",
];

/// The reason why a schema cannot be enforced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SchemaError {
    /// The place in the schema, as a JSON pointer (RFC 6901).
    place: String,
    problem: String,
}

impl SchemaError {
    fn new(place: &str, problem: impl Into<String>) -> Self {
        Self { place: place.to_owned(), problem: problem.into() }
    }
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, problem } = self;
        if place.is_empty() {
            write!(f, "the schema {problem}")
        } else {
            write!(f, "the schema at `{place}` {problem}")
        }
    }
}

/// The schema of the arguments of a tool: an object with named properties.
pub(crate) struct ObjectSchema {
    root: Node,
    definitions: HashMap<String, Node>,
}

/// A schema of a value, with each keyword that constrains it.
#[derive(Default)]
struct Node {
    /// The kinds of values. An empty list allows all.
    kinds: Vec<Kind>,
    /// The only values, if they are listed.
    choices: Option<Vec<Value>>,
    minimum: Option<Number>,
    maximum: Option<Number>,
    above: Option<Number>,
    below: Option<Number>,
    length: Size,
    pattern: Option<Regex>,
    items: Size,
    first_items: Vec<Node>,
    other_items: Option<Box<Node>>,
    are_items_unique: bool,
    members: Size,
    properties: Vec<(String, Node)>,
    required: Vec<String>,
    other_members: OtherMembers,
    any: Vec<Node>,
    one: Vec<Node>,
    all: Vec<Node>,
    not: Option<Box<Node>>,
    /// The name of a definition.
    reference: Option<String>,
}

/// The members of an object that are not among its properties.
#[derive(Default)]
enum OtherMembers {
    #[default]
    Any,
    None,
    Of(Box<Node>),
}

#[derive(Default)]
struct Size {
    minimum: Option<u64>,
    maximum: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Null,
    Boolean,
    Integer,
    Number,
    Text,
    Array,
    Object,
}

impl ObjectSchema {
    /// Parses the schema of the arguments of a tool.
    pub(crate) fn parse(schema: &Value) -> Result<Self, SchemaError> {
        let Value::Object(members) = schema else { return Err(SchemaError::new("", "must be an object")) };
        if members.get("type") != Some(&Value::from("object")) {
            return Err(SchemaError::new("", "must have `\"type\": \"object\"`, because arguments have names"));
        }
        for keyword in ["$ref", "allOf", "anyOf", "const", "enum", "not", "oneOf"] {
            if members.contains_key(keyword) {
                let problem =
                    format!("must not have `{keyword}`, which APIs of models refuse here; put it into a property");
                return Err(SchemaError::new("", problem));
            }
        }
        let mut root = Node::parse(schema, "", 0)?;
        // Other tools refuse unknown arguments as well, because they are mistakes of the model.
        if !members.contains_key("additionalProperties") {
            root.other_members = OtherMembers::None;
        }
        let mut definitions = HashMap::new();
        if let Some(named) = members.get("$defs") {
            let Value::Object(named) = named else { return Err(SchemaError::new("/$defs", "must be an object")) };
            for (name, schema) in named {
                definitions.insert(name.clone(), Node::parse(schema, &format!("/$defs/{name}"), 1)?);
            }
        }
        let this = Self { root, definitions };
        let nodes = std::iter::once(&this.root).chain(this.definitions.values());
        if let Some(name) = nodes.flat_map(Node::references).find(|name| !this.definitions.contains_key(*name)) {
            return Err(SchemaError::new("/$defs", format!("has no `{name}`, to which a `$ref` refers")));
        }
        Ok(this)
    }

    /// Checks the arguments of a call. The error is for the model.
    pub(crate) fn check(&self, arguments: &Map<String, Value>) -> Result<(), String> {
        let mut check = Check { definitions: &self.definitions, steps_left: MAX_STEPS };
        check.members(&self.root, arguments, &Path::Arguments, 0).map_err(|problem| match problem {
            Problem::Mismatch(message) => message,
            Problem::TooComplex => "The arguments are too complex to be checked".to_owned(),
        })
    }
}

impl Node {
    fn parse(schema: &Value, place: &str, depth: usize) -> Result<Self, SchemaError> {
        let schema = match schema {
            Value::Object(schema) => schema,
            Value::Bool(true) => return Ok(Self::default()),
            Value::Bool(false) => return Ok(Self { not: Some(Box::default()), ..Self::default() }),
            _ => return Err(SchemaError::new(place, "must be an object")),
        };
        if depth > MAX_DEPTH {
            return Err(SchemaError::new(place, format!("nests deeper than {MAX_DEPTH} levels")));
        }
        let mut node = Self::default();
        for (keyword, value) in schema {
            node.read(keyword, value, place, depth)?;
        }
        Ok(node)
    }

    fn read(&mut self, keyword: &str, value: &Value, place: &str, depth: usize) -> Result<(), SchemaError> {
        let here = format!("{place}/{keyword}");
        let wrong = |expected: &str| SchemaError::new(&here, format!("must be {expected}"));
        let list = || value.as_array().ok_or_else(|| wrong("a list"));
        let number = || value.as_number().cloned().map(Some).ok_or_else(|| wrong("a number"));
        let size = || value.as_u64().map(Some).ok_or_else(|| wrong("a whole number from 0 on"));
        let schema = || Self::parse(value, &here, depth + 1);
        let schemas = || {
            let schemas = list()?.iter().enumerate();
            schemas
                .map(|(index, value)| Self::parse(value, &format!("{here}/{index}"), depth + 1))
                .collect::<Result<Vec<_>, _>>()
        };
        match keyword {
            "type" => {
                let names = value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
                let kinds = names.iter().map(|name| name.as_str().and_then(Kind::named));
                self.kinds =
                    kinds.collect::<Option<_>>().ok_or_else(|| wrong("the name of a type, or a list of them"))?;
            }
            "enum" => self.choices = Some(list()?.clone()),
            "const" => self.choices = Some(vec![value.clone()]),
            "minimum" => self.minimum = number()?,
            "maximum" => self.maximum = number()?,
            "exclusiveMinimum" => self.above = number()?,
            "exclusiveMaximum" => self.below = number()?,
            "minLength" => self.length.minimum = size()?,
            "maxLength" => self.length.maximum = size()?,
            "minItems" => self.items.minimum = size()?,
            "maxItems" => self.items.maximum = size()?,
            "minProperties" => self.members.minimum = size()?,
            "maxProperties" => self.members.maximum = size()?,
            "pattern" => {
                let pattern = value.as_str().ok_or_else(|| wrong("a text"))?;
                let regex =
                    Regex::new(pattern).map_err(|error| SchemaError::new(&here, format!("is invalid: {error}")))?;
                self.pattern = Some(regex);
            }
            "uniqueItems" => self.are_items_unique = value.as_bool().ok_or_else(|| wrong("`true` or `false`"))?,
            "items" => self.other_items = Some(Box::new(schema()?)),
            "prefixItems" => self.first_items = schemas()?,
            "properties" => {
                for (name, schema) in value.as_object().ok_or_else(|| wrong("an object"))? {
                    let property = Self::parse(schema, &format!("{here}/{name}"), depth + 1)?;
                    self.properties.push((name.clone(), property));
                }
            }
            "required" => {
                let names = list()?.iter().map(|name| name.as_str().map(str::to_owned));
                self.required = names.collect::<Option<_>>().ok_or_else(|| wrong("a list of names"))?;
            }
            "additionalProperties" => {
                self.other_members = match value {
                    Value::Bool(true) => OtherMembers::Any,
                    Value::Bool(false) => OtherMembers::None,
                    _ => OtherMembers::Of(Box::new(schema()?)),
                }
            }
            "anyOf" => self.any = schemas()?,
            "oneOf" => self.one = schemas()?,
            "allOf" => self.all = schemas()?,
            "not" => self.not = Some(Box::new(schema()?)),
            "$ref" => {
                let name = value.as_str().and_then(|reference| reference.strip_prefix("#/$defs/"));
                let name = name.filter(|name| !name.contains(['/', '~', '%']));
                self.reference = Some(name.ok_or_else(|| wrong("`#/$defs/` with a name"))?.to_owned());
            }
            _ if ANNOTATIONS.contains(&keyword) => {}
            _ => {
                let problem =
                    format!("has the keyword `{keyword}`, which is not enforced; check it in the tool, and remove it");
                return Err(SchemaError::new(place, problem));
            }
        }
        Ok(())
    }

    /// Returns the names of the definitions that this schema refers to.
    fn references(&self) -> Vec<&str> {
        let boxed = [&self.other_items, &self.not].into_iter().flatten().map(|node| &**node);
        let others = match &self.other_members {
            OtherMembers::Of(node) => Some(&**node),
            _ => None,
        };
        let lists = [&self.first_items, &self.any, &self.one, &self.all].into_iter().flatten();
        let parts = boxed.chain(others).chain(lists).chain(self.properties.iter().map(|(_, node)| node));
        parts.flat_map(Self::references).chain(self.reference.as_deref()).collect()
    }
}

/// The check of one call, with its budget of steps.
struct Check<'s> {
    definitions: &'s HashMap<String, Node>,
    steps_left: usize,
}

/// The reason why a value is refused.
enum Problem {
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

    fn members(
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

impl Kind {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "null" => Self::Null,
            "boolean" => Self::Boolean,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "string" => Self::Text,
            "array" => Self::Array,
            "object" => Self::Object,
            _ => return None,
        })
    }

    fn contains(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Null, Value::Null)
            | (Self::Boolean, Value::Bool(_))
            | (Self::Number, Value::Number(_))
            | (Self::Text, Value::String(_))
            | (Self::Array, Value::Array(_))
            | (Self::Object, Value::Object(_)) => true,
            (Self::Integer, Value::Number(number)) => {
                number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|number| number.fract() == 0.0)
            }
            _ => false,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "true or false",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::Text => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        }
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
enum Path<'p> {
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
