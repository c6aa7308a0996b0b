use quote::ToTokens as _;
use regex_lite::Regex;
use syn::visit::Visit;
use syn::{Expr, ExprLit, Ident, Lit, LitStr, Pat, Type, TypeReference, UnOp};

use super::tool::unraw;
use crate::errors::Errors;
use crate::parse::{self, Arg, Constraint, Number};

/// A parameter of a tool: an argument of the client, or something that the request carries.
pub(crate) enum Parameter {
    Argument(Box<Argument>),
    Injected { ident: Ident, ty: Type },
}

pub(crate) struct Argument {
    pub(crate) ident: Ident,
    pub(crate) name: String,
    pub(crate) ty: Type,
    pub(crate) description: Option<String>,
    pub(crate) default: Option<Default>,
    pub(crate) range: Option<Bounds>,
    pub(crate) length: Option<Bounds>,
    pub(crate) pattern: Option<LitStr>,
}

pub(crate) struct Default {
    pub(crate) value: Expr,
    /// The value as JSON, if it is a literal.
    pub(crate) json: Option<String>,
}

pub(crate) struct Bounds {
    pub(crate) minimum: Option<Number>,
    pub(crate) maximum: Option<Number>,
    /// Whether the maximum itself is allowed.
    pub(crate) inclusive: bool,
}

impl Parameter {
    pub(super) fn new(parameter: &parse::Parameter, errors: &mut Errors) -> Option<Self> {
        let ident = match &parameter.pattern {
            Pat::Ident(pattern) if pattern.by_ref.is_none() && pattern.subpat.is_none() => pattern.ident.clone(),
            pattern => {
                errors.at(
                    pattern,
                    "a parameter of a tool needs a name, which is the one that the client uses; take it apart in the body",
                );
                return None;
            }
        };
        if let Type::ImplTrait(ty) = &parameter.ty {
            errors.at(ty, "a tool can't be generic, because a client can't choose the type; write a concrete one");
            return None;
        }
        let (attribute, arg) = match &parameter.arg {
            Some((attribute, arg)) => (Some(attribute), Some(arg)),
            None => (None, None),
        };
        if borrows(&parameter.ty) {
            if let Some(attribute) = attribute {
                errors.at(
                    attribute,
                    "`#[arg]` is for arguments of the client; a borrowed parameter comes from the request, so remove it",
                );
            }
            return Some(Self::Injected { ident, ty: parameter.ty.clone() });
        }
        let empty = Arg::default();
        let arg = arg.unwrap_or(&empty);
        let range = bounds(arg.range.as_ref(), errors);
        let length = length(arg.length.as_ref(), errors);
        let pattern = arg.pattern.clone().filter(|pattern| {
            errors.check(pattern, "invalid `pattern`", Regex::new(&pattern.value())).is_some()
        });
        Some(Self::Argument(Box::new(Argument {
            name: unraw(&ident),
            ident,
            ty: parameter.ty.clone(),
            description: arg.description.as_ref().map(LitStr::value).or_else(|| parameter.docs.clone()),
            default: arg.default.clone().map(|value| Default { json: json(&value), value }),
            range,
            length,
            pattern,
        })))
    }
}

/// The one rule: what borrows comes from the request, what is owned comes from the client. Types are not looked at by
/// name, so aliases and wrappers work.
fn borrows(ty: &Type) -> bool {
    struct References {
        found: bool,
    }

    impl Visit<'_> for References {
        fn visit_type_reference(&mut self, reference: &TypeReference) {
            let is_static = reference.lifetime.as_ref().is_some_and(|lifetime| lifetime.ident == "static");
            self.found |= !is_static;
        }
    }

    let mut references = References { found: false };
    references.visit_type(ty);
    references.found
}

fn bounds(constraint: Option<&Constraint>, errors: &mut Errors) -> Option<Bounds> {
    let constraint = constraint?;
    let empty = match (constraint.start, constraint.end) {
        (None, None) => {
            let message = format!("`{}` allows everything; write a bound, or remove the key", constraint.key);
            errors.at(&constraint.range, message);
            return None;
        }
        (Some(start), Some(end)) if constraint.inclusive => as_float(start) > as_float(end),
        (Some(start), Some(end)) => as_float(start) >= as_float(end),
        _ => false,
    };
    if empty {
        let text = constraint.range.to_token_stream().to_string().replace(' ', "");
        errors.at(&constraint.range, format_args!("`{text}` is empty; nothing could be given"));
        return None;
    }
    Some(Bounds { minimum: constraint.start, maximum: constraint.end, inclusive: constraint.inclusive })
}

/// A range of whole numbers from 0 on.
fn length(constraint: Option<&Constraint>, errors: &mut Errors) -> Option<Bounds> {
    let whole = |number: Option<Number>| {
        number.is_none_or(|number| matches!(number, Number::Integer(value) if usize::try_from(value).is_ok()))
    };
    let constraint = constraint?;
    if !whole(constraint.start) || !whole(constraint.end) {
        errors.at(&constraint.range, "a length is a whole number from 0 on");
        return None;
    }
    let bounds = bounds(Some(constraint), errors)?;
    Some(match (bounds.inclusive, bounds.maximum) {
        (false, Some(Number::Integer(maximum))) => {
            Bounds { maximum: Some(Number::Integer(maximum - 1)), inclusive: true, ..bounds }
        }
        _ => bounds,
    })
}

fn as_float(number: Number) -> f64 {
    match number {
        #[expect(clippy::cast_precision_loss, reason = "only to compare two bounds that are far apart or equal")]
        Number::Integer(value) => value as f64,
        Number::Float(value) => value,
    }
}

/// The JSON of a literal, which the schema can show.
fn json(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(ExprLit { lit, .. }) => match lit {
            Lit::Str(text) => Some(mcp_core::json_string(&text.value())),
            Lit::Int(number) => Some(number.base10_digits().to_owned()),
            Lit::Float(number) => Some(number.base10_digits().to_owned()),
            Lit::Bool(value) => Some(value.value.to_string()),
            _ => None,
        },
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => match &*unary.expr {
            Expr::Lit(ExprLit { lit: Lit::Int(_) | Lit::Float(_), .. }) => {
                json(&unary.expr).map(|number| format!("-{number}"))
            }
            _ => None,
        },
        _ => None,
    }
}
