//! The keywords of a JSON schema that are enforced.

use std::fmt;

use regex_lite::Regex;
use serde_json::{Number, Value};

/// Limits the nesting of a schema.
pub(super) const MAX_DEPTH: usize = 64;

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
    pub(super) fn new(place: &str, problem: impl Into<String>) -> Self {
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

/// A schema of a value, with each keyword that constrains it.
#[derive(Default)]
pub(super) struct Node {
    /// The kinds of values. An empty list allows all.
    pub(super) kinds: Vec<Kind>,
    /// The only values, if they are listed.
    pub(super) choices: Option<Vec<Value>>,
    pub(super) minimum: Option<Number>,
    pub(super) maximum: Option<Number>,
    pub(super) above: Option<Number>,
    pub(super) below: Option<Number>,
    pub(super) length: Size,
    pub(super) pattern: Option<Regex>,
    pub(super) items: Size,
    pub(super) first_items: Vec<Node>,
    pub(super) other_items: Option<Box<Node>>,
    pub(super) are_items_unique: bool,
    pub(super) members: Size,
    pub(super) properties: Vec<(String, Node)>,
    pub(super) required: Vec<String>,
    pub(super) other_members: OtherMembers,
    pub(super) any: Vec<Node>,
    pub(super) one: Vec<Node>,
    pub(super) all: Vec<Node>,
    pub(super) not: Option<Box<Node>>,
    /// The name of a definition.
    pub(super) reference: Option<String>,
}

/// The members of an object that are not among its properties.
#[derive(Default)]
pub(super) enum OtherMembers {
    #[default]
    Any,
    None,
    Of(Box<Node>),
}

#[derive(Default)]
pub(super) struct Size {
    pub(super) minimum: Option<u64>,
    pub(super) maximum: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    Boolean,
    Integer,
    Number,
    Text,
    Array,
    Object,
}

impl Node {
    pub(super) fn parse(schema: &Value, place: &str, depth: usize) -> Result<Self, SchemaError> {
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
    pub(super) fn references(&self) -> Vec<&str> {
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

    pub(super) fn contains(self, value: &Value) -> bool {
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

    pub(super) fn words(self) -> &'static str {
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
