//! Validation of the methods that list the resources of a template.

use syn::{Ident, Type};

use super::item::{check_signature, output};
use super::parameter::{Argument, Parameter};
use crate::errors::Errors;
use crate::parse::{self, Kind, unraw};

/// The name of the cursor among the arguments of a list.
const CURSOR: &str = "cursor";

/// A method that lists the resources of a template.
pub(crate) struct List {
    /// The name, as in the attribute of the template.
    pub(crate) method: Ident,
    /// The name, where the method is.
    pub(crate) declared: Ident,
    pub(crate) is_async: bool,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) output: Type,
}

impl List {
    /// Validates the method that a template names.
    pub(super) fn new(name: &Ident, block: &parse::Block, errors: &mut Errors) -> Option<Self> {
        let Some(signature) = block.helpers.iter().find(|signature| signature.ident == *name) else {
            report_unknown(name, block, errors);
            return None;
        };
        let mut signature = signature.clone();
        check_signature("list", &signature, errors);
        // The block has reported their attributes.
        let parameters = parse::Parameter::take_all(&mut signature, &mut Errors::default());
        let parameters: Vec<Option<Parameter>> = (parameters.iter())
            .map(|parameter| Parameter::new(parameter, Kind::Resource, false, &signature.generics, errors))
            .collect();
        let mut parameters: Vec<Parameter> = parameters.into_iter().collect::<Option<_>>()?;
        let mut arguments = parameters.iter_mut().filter_map(Parameter::as_argument_mut);
        if let Some(cursor) = arguments.next() {
            CURSOR.clone_into(&mut cursor.name);
            // The first page has no cursor.
            cursor.may_be_absent = true;
        }
        if let Some(second) = arguments.next() {
            errors.at(
                &second.ident,
                "the only argument of a list is the cursor of its page; borrow what comes from the request, such as \
                 `&mcp::AccessToken`",
            );
            return None;
        }
        Some(Self {
            method: name.clone(),
            declared: signature.ident.clone(),
            is_async: signature.asyncness.is_some(),
            parameters,
            output: output("list", &signature, errors)?,
        })
    }

    /// Returns the parameter for the cursor of the page.
    pub(crate) fn cursor(&self) -> Option<&Argument> {
        self.parameters.iter().find_map(Parameter::as_argument)
    }
}

fn report_unknown(name: &Ident, block: &parse::Block, errors: &mut Errors) {
    if let Some(method) = block.methods.iter().find(|method| method.signature.ident == *name) {
        errors.at(
            name,
            format_args!(
                "`{name}` is a {}, which clients use by itself; name a method without an attribute",
                method.kind()
            ),
        );
    } else if block.complete {
        let written = unraw(name);
        let names: Vec<String> = block.helpers.iter().map(|signature| unraw(&signature.ident)).collect();
        let hint = match mcp_core::closest(&written, names.iter().map(|name| &**name)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("add `async fn {written}(&self) -> Vec<mcp::ResourceEntry>`, without an attribute"),
        };
        errors.at(name, format_args!("there is no method `{written}` in this block; {hint}"));
    }
}
