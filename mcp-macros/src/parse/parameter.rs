//! Parameters of annotated methods.

use syn::{Attribute, FnArg, Pat, PatType, Signature, Type};

use super::docs::is_doc;
use super::method::{arguments_of, unraw};
use super::{Arg, Description, parameter_attribute};
use crate::errors::Errors;

/// A parameter of a method, except the receiver.
pub(crate) struct Parameter {
    pub(crate) arg: Option<(Attribute, Arg)>,
    pub(crate) docs: Option<Description>,
    pub(crate) pattern: Pat,
    pub(crate) ty: Type,
}

impl Parameter {
    pub(crate) fn is_named(&self, name: &str) -> bool {
        matches!(&self.pattern, Pat::Ident(pattern) if unraw(&pattern.ident) == name)
    }

    /// Removes and parses the attributes of all parameters.
    pub(crate) fn take_all(signature: &mut Signature, errors: &mut Errors) -> Vec<Self> {
        let parameters = signature.inputs.iter_mut().filter_map(|input| match input {
            FnArg::Typed(parameter) => Some(Self::take(parameter, errors)),
            FnArg::Receiver(_) => None,
        });
        parameters.collect()
    }

    fn take(parameter: &mut PatType, errors: &mut Errors) -> Self {
        let docs = Description::of_docs(&parameter.attrs);
        let mut arg: Option<(Attribute, Arg)> = None;
        parameter.attrs.retain(|attribute| {
            let path = attribute.path();
            if path.is_ident("arg") {
                if arg.is_some() {
                    errors.at(attribute, "`#[arg]` is given twice; put everything into one");
                } else {
                    let tokens = arguments_of(attribute, errors);
                    arg = Some((attribute.clone(), Arg::parse(tokens, errors)));
                }
                return false;
            }
            if path.segments.last().is_some_and(|last| last.ident == "arg") {
                errors.at(path, "the attribute of a parameter has no path; write `#[arg(…)]`");
                return false;
            }
            if path.get_ident().is_some_and(|name| mcp_core::closest(&name.to_string(), ["arg"]).is_some()) {
                errors.at(path, "there is no such attribute for a parameter; write `#[arg(…)]`");
                return false;
            }
            if let Some(message) = parameter_attribute::error(attribute) {
                errors.at(path, message);
                return false;
            }
            if path.is_ident("cfg") || path.is_ident("cfg_attr") {
                errors.at(attribute, "a parameter can't be conditional; put `#[cfg]` on the whole method");
            }
            !is_doc(attribute)
        });
        Self { arg, docs, pattern: (*parameter.pat).clone(), ty: (*parameter.ty).clone() }
    }
}
