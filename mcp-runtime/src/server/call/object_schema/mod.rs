//! JSON schemas that are known at run time only, and the check of arguments against them.
//!
//! A schema whose keywords are not all enforced does not exist, so that a value that passes obeys the whole schema.

mod check;
mod node;

use std::collections::HashMap;

use serde_json::{Map, Value};

use self::check::{Check, MAX_STEPS, Path, Problem};
use self::node::{Node, OtherMembers, SchemaError};

/// The schema of the arguments of a tool: an object with named properties.
pub(crate) struct ObjectSchema {
    root: Node,
    definitions: HashMap<String, Node>,
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
