//! The shapes of parameters: schemas of their types, prepared for the comparison with values.

use std::collections::{HashMap, HashSet};

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use crate::server::declare::parameter::Parameter;

/// The keywords beside a reference that do not constrain values.
const ANNOTATIONS: [&str; 9] =
    ["$ref", "$comment", "title", "description", "default", "deprecated", "readOnly", "writeOnly", "examples"];

/// The shapes of the parameters of a tool, in their order, and of the types that they refer to.
pub(crate) struct Shapes {
    parameters: Vec<Shape>,
    definitions: HashMap<String, Shape>,
}

impl Shapes {
    pub(crate) fn new<'p>(parameters: impl Iterator<Item = &'p Parameter>) -> Self {
        let mut generator = SchemaSettings::draft2020_12().into_generator();
        let shape = |parameter: &Parameter| Shape::of((parameter.ty.schema)(&mut generator).as_value());
        let parameters = parameters.map(shape).collect();
        let definitions = generator.take_definitions(true);
        let definitions = definitions.iter().map(|(name, schema)| (name.clone(), Shape::of(schema))).collect();
        let mut shapes = Self { parameters, definitions };
        shapes.spread_limits();
        shapes
    }

    /// Marks all shapes that refer to limited ones, up to a fixed point.
    fn spread_limits(&mut self) {
        loop {
            let limited = self.definitions.iter().filter(|(_, shape)| shape.is_limited);
            let limited: HashSet<String> = limited.map(|(name, _)| name.clone()).collect();
            let shapes = self.parameters.iter_mut().chain(self.definitions.values_mut());
            if shapes.filter_map(|shape| shape.spread_limits(&limited).then_some(())).count() == 0 {
                return;
            }
        }
    }

    pub(crate) fn parameter(&self, index: usize) -> Option<&Shape> {
        self.parameters.get(index)
    }

    /// Follows the references of a shape.
    pub(crate) fn resolve<'s>(&'s self, mut shape: &'s Shape) -> &'s Shape {
        // Bounded, because a handwritten schema can refer to itself.
        for _ in 0..8 {
            let referred = shape.reference.as_ref().and_then(|name| self.definitions.get(name));
            let Some(referred) = referred else { break };
            shape = referred;
        }
        shape
    }

    /// Returns `true` if any type has limits that serde does not enforce.
    pub(crate) fn are_limited(&self) -> bool {
        self.parameters.iter().chain(self.definitions.values()).any(Shape::is_limited)
    }
}

/// The values that a type accepts. Unknown keywords allow everything, because the type itself decides.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    /// The kinds of values. An empty list allows all.
    pub(crate) kinds: Vec<Kind>,
    /// The only values. An empty list allows all.
    pub(crate) choices: Vec<Value>,
    /// The forbidden values.
    pub(crate) excluded: Vec<Value>,
    pub(crate) range: Range,
    /// The ends of the type's own range, as JSON.
    pub(crate) natural_range: Option<(&'static str, &'static str)>,
    pub(crate) length: Size,
    pub(crate) items: Size,
    pub(crate) members: Size,
    /// The shapes of the first items.
    pub(crate) item_shapes: Vec<Shape>,
    /// The shape of the other items.
    pub(crate) item_shape: Option<Box<Shape>>,
    pub(crate) properties: HashMap<String, Shape>,
    pub(crate) required: Vec<String>,
    /// The shape of members that are no properties.
    pub(crate) member_shape: Option<Box<Shape>>,
    /// Set if there are no other members.
    pub(crate) is_closed: bool,
    /// The alternatives, of which a value has one.
    pub(crate) forms: Vec<Shape>,
    /// The shapes that a value must all have.
    pub(crate) all: Vec<Shape>,
    reference: Option<String>,
    /// Set if the shape or a part of it has limits that serde does not enforce.
    is_limited: bool,
}

/// A kind of JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    Boolean,
    Integer,
    Number,
    Text,
    Array,
    Object,
}

/// The ends of a range of numbers, as JSON.
#[derive(Debug, Default)]
pub(crate) struct Range {
    pub(crate) minimum: Option<String>,
    pub(crate) maximum: Option<String>,
    pub(crate) above: Option<String>,
    pub(crate) below: Option<String>,
}

/// A range of sizes.
#[derive(Debug, Default)]
pub(crate) struct Size {
    pub(crate) minimum: Option<usize>,
    pub(crate) maximum: Option<usize>,
}

impl Shape {
    fn of(schema: &Value) -> Self {
        let Value::Object(schema) = schema else { return Self::default() };
        let list = |key: &str| schema.get(key).and_then(Value::as_array);
        let shapes = |key: &str| list(key).map(|list| list.iter().map(Self::of).collect()).unwrap_or_default();
        let boxed =
            |key: &str| schema.get(key).filter(|value| value.is_object()).map(|value| Box::new(Self::of(value)));
        let kinds = match schema.get("type") {
            Some(Value::String(name)) => Kind::named(name).into_iter().collect(),
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).filter_map(Kind::named).collect(),
            _ => Vec::new(),
        };
        let patterns = schema.get("patternProperties").and_then(Value::as_object);
        let mut forms: Vec<Self> = shapes("anyOf");
        forms.extend::<Vec<Self>>(shapes("oneOf"));
        let mut all: Vec<Self> = shapes("allOf");
        let mut reference = schema.get("$ref").and_then(Value::as_str).and_then(definition);
        // Keywords beside the reference apply as well, such as a limit, or the tag of a variant.
        if reference.is_some() && schema.keys().any(|key| !ANNOTATIONS.contains(&&**key)) {
            all.push(Self { reference: reference.take(), ..Self::default() });
        }
        let mut shape = Self {
            kinds,
            choices: values(schema),
            excluded: schema.get("not").and_then(Value::as_object).map(values).unwrap_or_default(),
            range: Range::of(schema),
            natural_range: schema.get("format").and_then(Value::as_str).and_then(natural_range),
            length: Size::of(schema, "minLength", "maxLength"),
            items: Size::of(schema, "minItems", "maxItems"),
            members: Size::of(schema, "minProperties", "maxProperties"),
            item_shapes: shapes("prefixItems"),
            item_shape: boxed("items"),
            properties: match schema.get("properties") {
                Some(Value::Object(named)) => {
                    named.iter().map(|(name, schema)| (name.clone(), Self::of(schema))).collect()
                }
                _ => HashMap::new(),
            },
            required: list("required").into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect(),
            member_shape: match patterns.and_then(|patterns| patterns.values().next()) {
                Some(values) => Some(Box::new(Self::of(values))),
                None => boxed("additionalProperties"),
            },
            is_closed: schema.get("additionalProperties") == Some(&Value::Bool(false)) && patterns.is_none(),
            forms,
            all,
            reference,
            is_limited: false,
        };
        shape.is_limited = shape.has_limits();
        shape
    }

    /// Returns `true` if the value of this property identifies one of several forms.
    pub(crate) fn is_tag(&self) -> bool {
        self.choices.len() == 1
    }

    /// Returns the name of the only member, which identifies one of several forms.
    pub(crate) fn only_member(&self) -> Option<&str> {
        match &self.required[..] {
            [name] if self.is_closed && self.properties.len() == 1 => Some(name),
            _ => None,
        }
    }

    fn has_limits(&self) -> bool {
        let natural = self.natural_range;
        // A number's own range is enforced as it is read, and zero is the least of every length.
        let is_natural = |end: &Option<String>, natural: Option<&str>| match end.as_deref() {
            None => true,
            Some(end) => Some(end) == natural,
        };
        let is_sized = |size: &Size| size.minimum.is_some_and(|least| least > 0) || size.maximum.is_some();
        let is_tuple = !self.item_shapes.is_empty() && self.items.is_fixed();
        let in_range = is_natural(&self.range.minimum, natural.map(|(minimum, _)| minimum))
            && is_natural(&self.range.maximum, natural.map(|(_, maximum)| maximum))
            && self.range.above.is_none()
            && self.range.below.is_none();
        !in_range
            || is_sized(&self.length)
            || is_sized(&self.members)
            || (is_sized(&self.items) && !is_tuple)
            || self.parts().any(|shape| shape.is_limited)
    }

    /// Returns `true` if the shape or a part of it has limits that serde does not enforce.
    pub(crate) fn is_limited(&self) -> bool {
        self.is_limited
    }

    /// Marks the parts that refer to limited definitions. Returns `true` if there are new ones.
    fn spread_limits(&mut self, limited: &HashSet<String>) -> bool {
        let was_limited = self.is_limited;
        let mut is_changed = false;
        let boxed = self.item_shape.iter_mut().chain(&mut self.member_shape).map(|shape| &mut **shape);
        let lists = self.item_shapes.iter_mut().chain(&mut self.forms).chain(&mut self.all);
        for part in boxed.chain(lists).chain(self.properties.values_mut()) {
            is_changed |= part.spread_limits(limited);
            self.is_limited |= part.is_limited;
        }
        self.is_limited |= self.reference.as_ref().is_some_and(|name| limited.contains(name));
        is_changed || self.is_limited != was_limited
    }

    fn parts(&self) -> impl Iterator<Item = &Self> {
        let boxed = self.item_shape.iter().chain(&self.member_shape).map(|shape| &**shape);
        let lists = self.item_shapes.iter().chain(&self.forms).chain(&self.all);
        boxed.chain(lists).chain(self.properties.values())
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

    /// Returns the words for an expected kind.
    pub(crate) fn words(self) -> &'static str {
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

impl Range {
    fn of(schema: &Map<String, Value>) -> Self {
        let end = |key: &str| schema.get(key).filter(|value| value.is_number()).map(Value::to_string);
        let natural = schema.get("format").and_then(Value::as_str).and_then(natural_range);
        let (minimum, maximum) = natural.unzip();
        let above = end("exclusiveMinimum");
        let below = end("exclusiveMaximum");
        Self {
            minimum: end("minimum").or_else(|| minimum.filter(|_| above.is_none()).map(str::to_owned)),
            maximum: end("maximum").or_else(|| maximum.filter(|_| below.is_none()).map(str::to_owned)),
            above,
            below,
        }
    }
}

impl Size {
    /// Returns `true` if only one size is allowed, as for tuples and characters.
    pub(crate) fn is_fixed(&self) -> bool {
        self.minimum.is_some() && self.minimum == self.maximum
    }

    fn of(schema: &Map<String, Value>, minimum: &str, maximum: &str) -> Self {
        let number =
            |key: &str| schema.get(key).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
        Self { minimum: number(minimum), maximum: number(maximum) }
    }
}

/// Returns the definition's name in a reference, a JSON pointer in a fragment (RFC 6901 §6).
fn definition(reference: &str) -> Option<String> {
    let name = reference.strip_prefix("#/$defs/")?;
    let mut decoded = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let [byte, after @ ..] = rest {
        rest = after;
        decoded.push(*byte);
        if *byte == b'%'
            && let [high, low, after @ ..] = rest
            && let (Some(high), Some(low)) = (char::from(*high).to_digit(16), char::from(*low).to_digit(16))
        {
            decoded.pop();
            decoded.extend(u8::try_from(high * 16 + low));
            rest = after;
        }
    }
    Some(String::from_utf8(decoded).ok()?.replace("~1", "/").replace("~0", "~"))
}

/// Returns the values in `enum` or `const`.
fn values(schema: &Map<String, Value>) -> Vec<Value> {
    match (schema.get("enum"), schema.get("const")) {
        (Some(Value::Array(values)), _) => values.clone(),
        (_, Some(value)) => vec![value.clone()],
        _ => Vec::new(),
    }
}

/// Returns the range of a type of numbers by its name in schemars.
fn natural_range(format: &str) -> Option<(&'static str, &'static str)> {
    Some(match format {
        "int8" => ("-128", "127"),
        "int16" => ("-32768", "32767"),
        "int32" => ("-2147483648", "2147483647"),
        "int64" | "int" => ("-9223372036854775808", "9223372036854775807"),
        "uint8" => ("0", "255"),
        "uint16" => ("0", "65535"),
        "uint32" => ("0", "4294967295"),
        "uint64" | "uint" => ("0", "18446744073709551615"),
        "uint128" => ("0", "340282366920938463463374607431768211455"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_reference_names_its_definition_in_an_escaped_form() {
        for (reference, expected) in [
            ("#/$defs/Item", Some("Item")),
            ("#/$defs/a~1b~01", Some("a/b~1")),
            ("#/$defs/Page%3Cu8%3E", Some("Page<u8>")),
            ("#/$defs/100%", Some("100%")),
            ("#/$defs/%ff", None),
            ("#", None),
        ] {
            assert_eq!(definition(reference).as_deref(), expected);
        }
    }

    #[test]
    fn limits_beside_a_reference_and_behind_one_are_limits() {
        let shape = Shape::of(&json!({"$ref": "#/$defs/Number", "maximum": 10}));
        assert!(shape.is_limited());
        assert_eq!((shape.reference, shape.all[0].reference.as_deref()), (None, Some("Number")));
        let described = Shape::of(&json!({"$ref": "#/$defs/Number", "description": "A number."}));
        assert_eq!((described.reference.as_deref(), described.all.len()), (Some("Number"), 0));
        let definition = |schema| Shape::of(&schema);
        let mut shapes = Shapes {
            parameters: vec![
                definition(json!({"items": {"$ref": "#/$defs/A"}})),
                definition(json!({"type": "string"})),
            ],
            definitions: HashMap::from([
                ("A".to_owned(), definition(json!({"properties": {"b": {"$ref": "#/$defs/B"}}}))),
                ("B".to_owned(), definition(json!({"maximum": 10}))),
            ]),
        };
        shapes.spread_limits();
        assert_eq!(shapes.parameters.iter().map(Shape::is_limited).collect::<Vec<_>>(), [true, false]);
    }
}
