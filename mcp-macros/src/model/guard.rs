//! Validation of guards, and of the keys that name them.

use std::rc::Rc;

use quote::ToTokens as _;
use syn::{Attribute, Ident, Path, ReturnType, Type, Visibility};

use super::item::check_signature;
use super::parameter::{Argument, Parameter, name_and_type};
use super::ty::{borrows, impl_trait, without_lifetimes};
use crate::errors::Errors;
use crate::parse::{self, Annotation, Block, Method, source, unraw};

/// A guard of the block.
pub(crate) struct Guard {
    pub(crate) is_async: bool,
    pub(crate) parameters: Vec<GuardParameter>,
    pub(crate) output: Type,
}

/// A parameter of a guard.
pub(crate) enum GuardParameter {
    /// A clone of the argument of the same name.
    Argument { ident: Ident, ty: Type },
    /// A borrowed parameter, whose value comes from the request.
    Injected { ident: Ident, ty: Type },
}

/// A guard of an item.
pub(crate) enum ItemGuard {
    /// A guard of the same block, by its name where a key has it.
    Own { name: Ident, guard: Rc<Guard> },
    /// A guard of the server, in a part.
    OfServer { server: Path, name: Ident },
}

impl ItemGuard {
    /// Returns `true` if the guard decides by arguments. Those of a guard of the server are unknown here.
    pub(crate) fn has_arguments(&self) -> bool {
        matches!(self, Self::Own { guard, .. } if guard.arguments().next().is_some())
    }
}

/// A guard that parts of the server can ask.
pub(crate) struct PublicGuard {
    pub(crate) name: Ident,
    pub(crate) visibility: Visibility,
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) guard: Rc<Guard>,
}

impl Guard {
    fn new(guard: &parse::Guard, errors: &mut Errors) -> Option<Self> {
        let signature = &guard.signature;
        check_signature(Annotation::Guard.name(), signature, errors);
        let parameters: Vec<Option<GuardParameter>> =
            guard.parameters.iter().map(|parameter| GuardParameter::new(parameter, guard, errors)).collect();
        let output = match &signature.output {
            ReturnType::Default => {
                errors.at(&signature.ident, "a guard returns its verdict; write `-> Result<(), mcp::Denied>`");
                return None;
            }
            ReturnType::Type(_, ty) => match impl_trait(ty) {
                Some(anonymous) => {
                    errors.at(anonymous, "a guard's return type must be named; write `Result<(), mcp::Denied>`");
                    return None;
                }
                None => without_lifetimes(ty, &signature.generics),
            },
        };
        let parameters = parameters.into_iter().collect::<Option<Vec<_>>>()?;
        Some(Self { is_async: signature.asyncness.is_some(), parameters, output })
    }

    /// Returns the names of the arguments by which the guard decides.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = &Ident> {
        self.parameters.iter().filter_map(GuardParameter::as_argument).map(|(ident, _)| ident)
    }
}

impl GuardParameter {
    /// Returns the name and the type of an argument.
    pub(crate) fn as_argument(&self) -> Option<(&Ident, &Type)> {
        match self {
            Self::Argument { ident, ty } => Some((ident, ty)),
            Self::Injected { .. } => None,
        }
    }

    /// Returns the name and the type of a borrowed parameter.
    pub(crate) fn as_injected(&self) -> Option<(&Ident, &Type)> {
        match self {
            Self::Argument { .. } => None,
            Self::Injected { ident, ty } => Some((ident, ty)),
        }
    }

    fn new(parameter: &parse::Parameter, guard: &parse::Guard, errors: &mut Errors) -> Option<Self> {
        if let Some((attribute, _)) = &parameter.arg {
            errors.at(
                attribute,
                "a guard gets what its item has read, by the name of the parameter; remove the `#[arg]`",
            );
            return None;
        }
        let (ident, ty) = name_and_type(parameter, Annotation::Guard, &guard.signature.generics, errors)?;
        Some(if borrows(&parameter.ty) { Self::Injected { ident, ty } } else { Self::Argument { ident, ty } })
    }
}

/// The guards of a block, by their names.
pub(super) struct Guards<'a> {
    block: &'a Block,
    /// Absent for an invalid guard.
    valid: Vec<Option<Rc<Guard>>>,
}

impl<'a> Guards<'a> {
    pub(super) fn new(block: &'a Block, errors: &mut Errors) -> Self {
        let valid = block.guards.iter().enumerate().map(|(index, guard)| {
            let name = &guard.signature.ident;
            if block.guards[..index].iter().any(|other| other.signature.ident == *name) {
                // A missing alternative would be a guard that is not asked.
                errors.at(
                    name,
                    format_args!(
                        "there is already a guard `{name}` in this block; write one method, with the `#[cfg]`s in its body"
                    ),
                );
                return None;
            }
            Guard::new(guard, errors).map(Rc::new)
        });
        Self { valid: valid.collect(), block }
    }

    /// Returns the guards of an item: those of the block, then its own.
    ///
    /// `parameters` is `None` if a mistake left some unknown.
    pub(super) fn of(
        &self,
        method: &Method,
        parameters: Option<&[Parameter]>,
        errors: &mut Errors,
    ) -> Option<Vec<ItemGuard>> {
        let kind = method.kind();
        if kind == parse::Kind::Completion {
            return Some(Vec::new());
        }
        let of_block = self.block.attribute.guards().iter().flat_map(|(_, guards)| guards);
        let own = method.attribute.guards.iter().flat_map(|(_, guards)| guards);
        let mut seen: Vec<String> = Vec::new();
        let mut found = Some(Vec::new());
        for (path, is_own) in of_block.map(|path| (path, false)).chain(own.map(|path| (path, true))) {
            let text = source(path);
            if seen.contains(&text) {
                if is_own {
                    errors.at(path, format_args!("the guard `{text}` is asked already; remove it here"));
                }
                continue;
            }
            seen.push(text);
            let guard = if is_own { self.find(path, errors) } else { self.find(path, &mut Errors::default()) };
            let guard = guard.filter(|guard| {
                let ItemGuard::Own { guard, .. } = guard else { return true };
                let Some(parameters) = parameters else { return true };
                let missing = guard.arguments().find(|name| !has_argument(parameters, name));
                if let Some(missing) = missing {
                    let place = if is_own { path.to_token_stream() } else { method.signature.ident.to_token_stream() };
                    errors.at(place, lack(&source(path), missing, method, parameters));
                }
                missing.is_none()
            });
            match (&mut found, guard) {
                (Some(found), Some(guard)) => found.push(guard),
                _ => found = None,
            }
        }
        found
    }

    /// Finds the guard that a key names.
    fn find(&self, path: &Path, errors: &mut Errors) -> Option<ItemGuard> {
        let name = path.segments.last()?.ident.clone();
        if !self.is_own(path) {
            let server = without_last(path);
            if matches!(self.block.attribute, parse::BlockAttribute::Server(_)) {
                errors.at(
                    path,
                    "a server's guards are methods of its own block; write `#[mcp::guard]` above one of them, and its name \
                     here",
                );
                return None;
            }
            return Some(ItemGuard::OfServer { server, name });
        }
        let position = self.block.guards.iter().position(|guard| guard.signature.ident == name);
        if let Some(position) = position {
            // An invalid guard was reported before.
            let guard = Rc::clone(self.valid.get(position)?.as_ref()?);
            return Some(ItemGuard::Own { name, guard });
        }
        // It may be among tokens that rustc has reported.
        if self.block.complete {
            errors.at(path, self.unknown(&name));
        }
        None
    }

    /// Returns the error for a name that is not of a guard.
    fn unknown(&self, name: &Ident) -> String {
        if let Some(method) = self.block.methods.iter().find(|method| method.signature.ident == *name) {
            let kind = method.kind();
            return format!(
                "`{name}` is a {kind}, and a guard is a method of its own; write one with `#[mcp::guard]`, and its name here"
            );
        }
        if self.block.helpers.iter().any(|helper| helper.ident == *name) {
            return format!("`{name}` is not a guard yet; write `#[mcp::guard]` above it");
        }
        let names: Vec<String> = self.block.guards.iter().map(|guard| unraw(&guard.signature.ident)).collect();
        match mcp_core::closest(&name.to_string(), names.iter().map(String::as_str)) {
            Some(meant) => format!("there is no guard `{name}` in this block; did you mean `{meant}`?"),
            None => format!(
                "there is no guard `{name}` in this block; write `#[mcp::guard]` above `fn {name}(&self) -> Result<(), \
                 mcp::Denied>`"
            ),
        }
    }

    /// Returns `true` if a key names a guard of this block.
    fn is_own(&self, path: &Path) -> bool {
        let ty = without_last(path).to_token_stream().to_string();
        ty.is_empty() || ty == "Self" || ty == self.block.item.self_ty.to_token_stream().to_string()
    }

    /// Returns the guards that code outside of the block can name.
    pub(super) fn public(&self) -> Vec<PublicGuard> {
        let guards = self.block.guards.iter().zip(&self.valid).filter_map(|(parsed, guard)| {
            let is_public = !matches!(parsed.visibility, Visibility::Inherited);
            Some(PublicGuard {
                name: parsed.signature.ident.clone(),
                visibility: parsed.visibility.clone(),
                cfgs: parsed.cfgs.clone(),
                guard: guard.clone().filter(|_| is_public)?,
            })
        });
        guards.collect()
    }

    /// Reports unknown guards of the whole block, and guards that are never asked.
    pub(super) fn check_use(&self, errors: &mut Errors) {
        let of_block = || self.block.attribute.guards().iter().flat_map(|(_, guards)| guards);
        for path in of_block() {
            self.find(path, errors);
        }
        let methods = &self.block.methods;
        let is_known = self.block.complete
            && self.block.attribute.is_complete()
            && methods.iter().all(|method| method.attribute.complete);
        if !is_known {
            return;
        }
        let own = methods.iter().filter_map(|method| method.attribute.guards.as_ref()).flat_map(|(_, guards)| guards);
        let named: Vec<&Path> = of_block().chain(own).filter(|path| self.is_own(path)).collect();
        if named.iter().any(|path| self.find(path, &mut Errors::default()).is_none()) {
            // An unknown name may be a misspelling.
            return;
        }
        for guard in &self.block.guards {
            let name = &guard.signature.ident;
            let is_named = named.iter().any(|path| path.segments.last().is_some_and(|last| last.ident == *name));
            if !is_named && matches!(guard.visibility, Visibility::Inherited) {
                errors.at(
                    name,
                    format_args!(
                        "the guard `{name}` guards nothing; write `guard = {name}` in the attribute of an item or of the block"
                    ),
                );
            }
        }
    }
}

/// Returns `true` if an item has an owned parameter of this name.
fn has_argument(parameters: &[Parameter], name: &Ident) -> bool {
    arguments(parameters).any(|argument| argument.ident == *name)
}

fn arguments(parameters: &[Parameter]) -> impl Iterator<Item = &Argument> {
    parameters.iter().filter_map(Parameter::as_argument)
}

/// Returns the error for an argument that a guard needs and an item lacks.
fn lack(guard: &str, missing: &Ident, method: &Method, parameters: &[Parameter]) -> String {
    let (kind, name) = (method.kind(), &method.signature.ident);
    let names: Vec<String> = arguments(parameters).map(|argument| unraw(&argument.ident)).collect();
    let hint = match mcp_core::closest(&unraw(missing), names.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if names.is_empty() => format!("`{name}` has no arguments"),
        None => format!("its arguments are: {}", names.join(", ")),
    };
    format!("the guard `{guard}` decides by `{missing}`, and the {kind} `{name}` has no parameter of that name; {hint}")
}

/// Returns a path without its last segment.
fn without_last(path: &Path) -> Path {
    let mut path = path.clone();
    path.segments.pop();
    path.segments.pop_punct();
    path
}
