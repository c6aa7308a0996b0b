//! Validation of tools.

use mcp_core::ParameterHeader;
use syn::{Ident, LitStr};

use super::parameter::Argument;
use crate::errors::Errors;
use crate::parse::{Json, Task, ToolAttribute};

/// The properties of a tool beyond those of every method.
pub(crate) struct Tool {
    pub(crate) hints: Vec<(&'static str, bool)>,
    /// The JSON schema of the `input_schema`.
    pub(crate) input_schema: Option<String>,
    pub(crate) task: Option<Task>,
}

impl Tool {
    /// Validates a tool. `arguments` is `None` if a mistake left some unknown.
    pub(super) fn new(attribute: &ToolAttribute, arguments: Option<Vec<&mut Argument>>, errors: &mut Errors) -> Self {
        if let (Some(true), Some((key, true))) = (attribute.read_only, &attribute.destructive) {
            errors.at(key, "a tool that is `read_only` can't be `destructive`; remove one of them");
        }
        let arguments: Option<Vec<&Argument>> =
            arguments.map(|arguments| arguments.into_iter().map(|argument| &*argument).collect());
        check_headers(arguments.as_deref().unwrap_or_default(), errors);
        if let Some((key, schema)) = &attribute.input_schema {
            check_schema(key, schema, arguments.as_deref(), errors);
        }
        let hints = [
            ("read_only", attribute.read_only),
            ("destructive", attribute.destructive.as_ref().map(|(_, value)| *value)),
            ("idempotent", attribute.idempotent),
            ("open_world", attribute.open_world),
            ("lenient", attribute.lenient),
        ];
        Self {
            hints: hints.into_iter().filter_map(|(hint, value)| Some((hint, value?))).collect(),
            input_schema: attribute.input_schema.as_ref().map(|(_, schema)| schema.to_string()),
            task: attribute.task,
        }
    }
}

/// Checks that no two arguments have the same header.
fn check_headers(arguments: &[&Argument], errors: &mut Errors) {
    let mut taken: Vec<(&ParameterHeader, &str)> = Vec::new();
    for argument in arguments {
        let Some((literal, header)) = &argument.header else { continue };
        match taken.iter().find(|(other, _)| *other == header) {
            Some((_, name)) => errors.at(
                literal,
                format_args!("the header `{header}` repeats the argument `{name}` already; give this one another name"),
            ),
            None => taken.push((header, &argument.name)),
        }
    }
}

/// Checks that schema and parameter name the same header.
///
/// Clients read the schema, and the parameter is enforced.
fn check_header(property: &LitStr, schema: &Json, argument: &Argument, errors: &mut Errors) {
    let said = match schema.member("x-mcp-header") {
        Some(Json::Text(text)) => Some(text.as_str()),
        Some(_) => Some(""),
        None => None,
    };
    match (&argument.header, said) {
        (Some((_, header)), Some(said)) if header.as_str() == said => {}
        (Some((literal, header)), _) => errors.at(
            literal,
            format_args!(
                "clients are told of a header by the `input_schema`; add `\"x-mcp-header\": \"{header}\"` to the property `{}`",
                property.value()
            ),
        ),
        (None, Some(said)) => errors.at(
            property,
            format_args!(
                "an `x-mcp-header` is enforced by its parameter; write `#[arg(header = \"{said}\")]` in front of `{}`",
                argument.ident
            ),
        ),
        (None, None) => {}
    }
}

/// Checks that an `input_schema` describes exactly the parameters.
fn check_schema(key: &Ident, schema: &Json, arguments: Option<&[&Argument]>, errors: &mut Errors) {
    if !matches!(schema.member("type"), Some(Json::Text(name)) if name == "object") {
        errors.at(key, "the schema of a tool's arguments is one of an object; add `\"type\": \"object\"`");
        return;
    }
    let properties: &[_] = match schema.member("properties") {
        Some(Json::Object(properties)) => properties,
        None => &[],
        Some(_) => {
            errors.at(key, "the `properties` of a schema are an object; write `\"properties\": { \"…\": { … } }`");
            return;
        }
    };
    let required: &[Json] = match schema.member("required") {
        Some(Json::List(names)) => names,
        None => &[],
        Some(_) => {
            errors.at(key, "what a schema has `required` is a list; write `\"required\": [\"…\"]`");
            return;
        }
    };
    for name in required {
        match name {
            Json::Text(name) if properties.iter().any(|(property, _)| property.value() == *name) => {}
            name => errors.at(key, format_args!("the schema has {name} `required`, which is none of its properties")),
        }
    }
    let Some(arguments) = arguments else { return };
    for (property, schema) in properties {
        let name = property.value();
        match arguments.iter().find(|argument| argument.name == name) {
            Some(argument) => check_header(property, schema, argument, errors),
            None => errors
                .at(property, format_args!("the property `{name}` has no parameter; add one, or remove the property")),
        }
    }
    for argument in arguments {
        if properties.iter().all(|(property, _)| property.value() != argument.name) {
            errors.push(syn::Error::new(
                argument.name_span,
                format_args!("`{0}` is not in the `input_schema`; add a property `\"{0}\"`", argument.name),
            ));
        }
    }
}
