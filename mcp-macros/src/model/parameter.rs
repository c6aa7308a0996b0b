//! Validation of parameters.

use mcp_core::ParameterHeader;
use proc_macro2::Span;
use quote::ToTokens as _;
use regex_lite::Regex;
use syn::{Expr, ExprLit, Generics, Ident, Lit, LitStr, Pat, Type, UnOp};

use super::ty::{borrows, impl_trait, owned, shared, without_lifetimes};
use crate::errors::Errors;
use crate::parse::{self, Annotation, Arg, Constraint, Description, Kind, Number, unraw};

/// The maximum length of an argument's name in APIs of models.
const MAX_ARGUMENT_NAME: usize = 64;

/// A parameter of a method.
pub(crate) enum Parameter {
    /// An owned parameter, whose value the client sends.
    Argument(Box<Argument>),
    /// A borrowed parameter, whose value comes from the request.
    Injected { ident: Ident, ty: Box<Type> },
}

/// A parameter whose value the client sends.
pub(crate) struct Argument {
    pub(crate) ident: Ident,
    /// The name for clients.
    pub(crate) name: String,
    /// The span of the name.
    pub(crate) name_span: Span,
    pub(crate) ty: Type,
    /// Set if a client may omit the argument, whatever its type.
    pub(crate) may_be_absent: bool,
    pub(crate) description: Option<Description>,
    pub(crate) default: Option<ArgumentDefault>,
    pub(crate) range: Option<Bounds>,
    pub(crate) length: Option<Bounds>,
    pub(crate) pattern: Option<LitStr>,
    /// The header that repeats the argument.
    pub(crate) header: Option<(LitStr, ParameterHeader)>,
}

/// The default of an argument.
pub(crate) struct ArgumentDefault {
    pub(crate) value: Expr,
    /// The value as JSON, if it is a literal.
    pub(crate) json: Option<String>,
}

/// The bounds of a number, or of a length.
pub(crate) struct Bounds {
    pub(crate) minimum: Option<Number>,
    pub(crate) maximum: Option<Number>,
    /// Set if the maximum itself is allowed.
    pub(crate) inclusive: bool,
}

impl Parameter {
    /// Validates a parameter. `by_hand` is set for a tool with an `input_schema`.
    pub(super) fn new(
        parameter: &parse::Parameter,
        kind: Kind,
        by_hand: bool,
        generics: &Generics,
        errors: &mut Errors,
    ) -> Option<Self> {
        let (ident, ty) = name_and_type(parameter, Annotation::Item(kind), generics, errors)?;
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
            return Some(Self::Injected { ident, ty: Box::new(ty) });
        }
        let empty = Arg::default();
        let arg = arg.unwrap_or(&empty);
        if !check_keys(arg, kind, by_hand, errors) {
            return None;
        }
        if let Some(name) = &arg.name
            && name.value().trim().is_empty()
        {
            errors.at(name, "the name of an argument is empty; write the one that clients use, or remove the key");
            return None;
        }
        if kind == Kind::Tool {
            let (name, written) = match &arg.name {
                Some(literal) => (literal.value(), literal.to_token_stream()),
                None => (unraw(&ident), ident.to_token_stream()),
            };
            if !is_argument_name(&name) {
                errors.at(
                    written,
                    format_args!(
                        "APIs of models refuse a tool with an argument that is named `{name}`; write \
                         `#[arg(name = \"…\")]` with ASCII letters, digits, `_`, `-` and `.`, 64 at most"
                    ),
                );
                return None;
            }
        }
        let range = bounds(arg.range.as_ref(), errors);
        let length = length(arg.length.as_ref(), errors);
        let pattern = arg
            .pattern
            .clone()
            .filter(|pattern| errors.check(pattern, "invalid `pattern`", Regex::new(&pattern.value())).is_some());
        let header = arg.header.clone().and_then(|literal| {
            let header = errors.check(&literal, "invalid `header`", ParameterHeader::parse(literal.value()))?;
            Some((literal, header))
        });
        let default = arg.default.clone();
        if let Some(value) = &default
            && let Some(why) = violation(value, range.as_ref(), length.as_ref(), pattern.as_ref())
        {
            errors.at(value, format_args!("the default {why}; write one that a client could give"));
        }
        Some(Self::Argument(Box::new(Argument {
            name: arg.name.as_ref().map_or_else(|| unraw(&ident), LitStr::value),
            name_span: arg.name.as_ref().map_or_else(|| ident.span(), LitStr::span),
            ident,
            ty,
            may_be_absent: false,
            description: match &arg.description {
                Some(literal) => Some(Description::Literal(literal.value())),
                None => parameter.docs.clone(),
            },
            default: default.map(|value| ArgumentDefault { json: json(&value), value }),
            range,
            length,
            pattern,
            header,
        })))
    }

    pub(crate) fn as_injected(&self) -> Option<(&Ident, &Type)> {
        match self {
            Self::Argument(_) => None,
            Self::Injected { ident, ty } => Some((ident, ty)),
        }
    }

    pub(crate) fn as_argument(&self) -> Option<&Argument> {
        match self {
            Self::Argument(argument) => Some(argument),
            Self::Injected { .. } => None,
        }
    }

    pub(super) fn as_argument_mut(&mut self) -> Option<&mut Argument> {
        match self {
            Self::Argument(argument) => Some(argument),
            Self::Injected { .. } => None,
        }
    }
}

/// Returns the name and the type of a parameter of an item or a guard.
pub(super) fn name_and_type(
    parameter: &parse::Parameter,
    kind: Annotation,
    generics: &Generics,
    errors: &mut Errors,
) -> Option<(Ident, Type)> {
    let ident = match &parameter.pattern {
        Pat::Ident(pattern) if pattern.by_ref.is_none() && pattern.subpat.is_none() => pattern.ident.clone(),
        pattern => {
            let remedy = if matches!(pattern, Pat::Wild(_)) { "give it one" } else { "take it apart in the body" };
            errors.at(
                pattern,
                format_args!("a parameter of a {kind} needs a name, which is the one that the client uses; {remedy}"),
            );
            return None;
        }
    };
    if let Some(anonymous) = impl_trait(&parameter.ty) {
        errors.at(
            anonymous,
            format_args!("a {kind} can't be generic, because a client can't choose the type; write a concrete one"),
        );
        return None;
    }
    if let Some(owned) = owned(&parameter.ty) {
        errors.at(
            &parameter.ty,
            format_args!(
                "an argument of a {kind} is owned, because it is read from what the client sends; write `{owned}`"
            ),
        );
        return None;
    }
    if let Some(shared) = shared(&parameter.ty) {
        errors.at(
            &parameter.ty,
            format_args!(
                "what a request carries can't be changed, and an argument of a {kind} is owned; write `{shared}`, or \
                 the type without `&mut`"
            ),
        );
        return None;
    }
    Some((ident, without_lifetimes(&parameter.ty, generics)))
}

/// Returns `true` if every client can forward an argument of this name.
///
/// For any other name, Claude's API refuses the whole conversation with a 400.
fn is_argument_name(name: &str) -> bool {
    name.len() <= MAX_ARGUMENT_NAME && mcp_core::Name::parse(name).is_ok()
}

/// Returns `true` if every key applies to this kind of method.
fn check_keys(arg: &Arg, kind: Kind, by_hand: bool, errors: &mut Errors) -> bool {
    let mut valid = true;
    for key in &arg.keys {
        let name = key.to_string();
        let message = match (&*name, kind) {
            ("name" | "default", _) | ("header", Kind::Tool) => continue,
            (_, Kind::Tool) if by_hand => {
                format!("the `input_schema` is written by hand; put what `{name}` says into it, and remove the key")
            }
            (_, Kind::Tool) | ("description", Kind::Prompt) => continue,
            ("description", _) => {
                "clients see no description of this; remove the key, or put it into that of the method".to_owned()
            }
            (_, Kind::Prompt) => {
                format!("`{name}` is for arguments of tools; check the argument of a prompt in the method")
            }
            _ => format!("`{name}` is for arguments of tools; check the value in the method"),
        };
        errors.at(key, message);
        valid = false;
    }
    valid
}

/// Returns `true` if no two arguments have the same name.
pub(super) fn check_names(parameters: &[Parameter], errors: &mut Errors) -> bool {
    let arguments: Vec<&Argument> = parameters.iter().filter_map(Parameter::as_argument).collect();
    let mut valid = true;
    for (index, argument) in arguments.iter().enumerate() {
        if arguments[..index].iter().any(|other| other.name == argument.name) {
            errors.push(syn::Error::new(
                argument.name_span,
                format_args!("there is already an argument named `{}`; give one of them another name", argument.name),
            ));
            valid = false;
        }
    }
    valid
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
        errors.at(
            &constraint.range,
            format_args!("`{text}` is empty, so nothing could be given; write one like `1..=5`"),
        );
        return None;
    }
    Some(Bounds { minimum: constraint.start, maximum: constraint.end, inclusive: constraint.inclusive })
}

/// Validates a length: a range of whole numbers from 0 on.
fn length(constraint: Option<&Constraint>, errors: &mut Errors) -> Option<Bounds> {
    let whole = |number: Option<Number>| {
        number.is_none_or(|number| matches!(number, Number::Integer(value) if usize::try_from(value).is_ok()))
    };
    let constraint = constraint?;
    if !whole(constraint.start) || !whole(constraint.end) {
        errors.at(&constraint.range, "a length is a whole number from 0 on; write one like `1..=100`");
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

/// Returns the constraint that a literal violates.
fn violation(
    value: &Expr,
    range: Option<&Bounds>,
    length: Option<&Bounds>,
    pattern: Option<&LitStr>,
) -> Option<&'static str> {
    if let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = value {
        let text = text.value();
        let characters = Number::Integer(i128::try_from(text.chars().count()).unwrap_or(i128::MAX));
        let matches = |pattern: &LitStr| Regex::new(&pattern.value()).is_ok_and(|regex| regex.is_match(&text));
        if length.is_some_and(|length| !length.contains(characters)) {
            return Some("is outside of the `length`");
        }
        return pattern.is_some_and(|pattern| !matches(pattern)).then_some("does not match the `pattern`");
    }
    let number = parse::number(value).ok()?;
    range.is_some_and(|range| !range.contains(number)).then_some("is outside of the `range`")
}

impl Bounds {
    fn contains(&self, number: Number) -> bool {
        let number = as_float(number);
        self.minimum.is_none_or(|minimum| as_float(minimum) <= number)
            && self.maximum.is_none_or(|maximum| {
                if self.inclusive { number <= as_float(maximum) } else { number < as_float(maximum) }
            })
    }
}

fn as_float(number: Number) -> f64 {
    match number {
        #[expect(clippy::cast_precision_loss, reason = "only to compare two bounds that are far apart or equal")]
        Number::Integer(value) => value as f64,
        Number::Float(value) => value,
    }
}

/// Returns the JSON of a literal, for the schema.
fn json(value: &Expr) -> Option<String> {
    match value {
        // A fragment of a declarative macro comes in a group.
        Expr::Group(group) => json(&group.expr),
        Expr::Lit(ExprLit { lit, .. }) => match lit {
            Lit::Str(text) => Some(mcp_core::json_string(&text.value())),
            Lit::Int(number) => Some(number.base10_digits().to_owned()),
            // Rust allows `1.`, and JSON does not.
            Lit::Float(number) if number.base10_digits().ends_with('.') => Some(format!("{}0", number.base10_digits())),
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

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    /// Returns the errors about a parameter.
    fn errors(input: &syn::FnArg) -> Vec<String> {
        let mut errors = Errors::default();
        let mut signature: syn::Signature = parse_quote!(fn add(&self, #input));
        for parameter in parse::Parameter::take_all(&mut signature, &mut errors) {
            Parameter::new(&parameter, Kind::Tool, false, &signature.generics, &mut errors);
        }
        errors.messages()
    }

    #[test]
    fn literals_have_a_json_form_and_other_expressions_do_not() {
        let cases: [(Expr, Option<&str>); 10] = [
            (parse_quote!(1_000u64), Some("1000")),
            (parse_quote!(-5), Some("-5")),
            (parse_quote!(1.), Some("1.0")),
            (parse_quote!(-0.5f32), Some("-0.5")),
            (parse_quote!(0xff), Some("255")),
            (parse_quote!(true), Some("true")),
            (parse_quote!("a\"b"), Some(r#""a\"b""#)),
            (parse_quote!('x'), None),
            (parse_quote!(LIMIT), None),
            (parse_quote!(1 + 1), None),
        ];
        for (value, expected) in cases {
            assert_eq!(json(&value).as_deref(), expected, "{}", value.to_token_stream());
        }
    }

    #[test]
    fn constraints_that_hold_for_something_are_accepted() {
        let inputs: [syn::FnArg; 7] = [
            parse_quote!(#[arg(range = 1..=1, default = 1)] n: u8),
            parse_quote!(#[arg(range = -1.5..2.0, default = -1.5)] n: f64),
            parse_quote!(#[arg(range = ..10, default = LIMIT)] n: u8),
            parse_quote!(#[arg(length = 0..1, default = "")] text: String),
            parse_quote!(#[arg(length = 2.., default = "äö")] text: String),
            parse_quote!(#[arg(pattern = r"^\d+$", default = "12")] text: String),
            parse_quote!(token: Option<&AccessToken>),
        ];
        for input in inputs {
            assert_eq!(errors(&input), [""; 0], "{}", input.to_token_stream());
        }
    }

    #[test]
    fn constraints_that_hold_for_nothing_are_refused() {
        let cases: [(syn::FnArg, &str); 8] = [
            (
                parse_quote!(#[arg(range = 1..1)] n: u8),
                "`1..1` is empty, so nothing could be given; write one like `1..=5`",
            ),
            (
                parse_quote!(#[arg(length = 0..0)] t: String),
                "`0..0` is empty, so nothing could be given; write one like `1..=5`",
            ),
            (
                parse_quote!(#[arg(range = 0.5..=0.25)] n: f64),
                "`0.5..=0.25` is empty, so nothing could be given; write one like `1..=5`",
            ),
            (
                parse_quote!(#[arg(length = ..)] t: String),
                "`length` allows everything; write a bound, or remove the key",
            ),
            (
                parse_quote!(#[arg(length = ..1.5)] t: String),
                "a length is a whole number from 0 on; write one like `1..=100`",
            ),
            (
                parse_quote!(#[arg(range = 1..5, default = 5)] n: u8),
                "the default is outside of the `range`; write one that a client could give",
            ),
            (
                parse_quote!(#[arg(range = ..=-1, default = 0.5)] n: f64),
                "the default is outside of the `range`; write one that a client could give",
            ),
            (parse_quote!(#[arg(pattern = "(")] t: String), "invalid `pattern`: found open group without closing ')'"),
        ];
        for (input, expected) in cases {
            assert_eq!(errors(&input), [expected]);
        }
    }
}
