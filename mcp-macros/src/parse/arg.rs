//! The attribute `#[arg]`.

use proc_macro2::TokenStream;
use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative as _;
use syn::{Expr, ExprRange, Ident, Lit, LitStr, RangeLimits, Token, UnOp};

use super::entries::{equals, other_value, parse_entries, string, until_comma, value};
use super::keys::Place;
use super::value_form::ValueForm;
use crate::errors::Errors;

/// The entries of `#[arg(…)]`.
#[derive(Default)]
pub(crate) struct Arg {
    pub(crate) name: Option<LitStr>,
    pub(crate) description: Option<LitStr>,
    pub(crate) default: Option<Expr>,
    pub(crate) range: Option<Constraint>,
    pub(crate) length: Option<Constraint>,
    pub(crate) pattern: Option<LitStr>,
    pub(crate) header: Option<LitStr>,
    /// The keys with valid values.
    pub(crate) keys: Vec<Ident>,
    /// All keys, including unknown ones.
    pub(crate) typed: Vec<Ident>,
}

impl Arg {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut this = Self::default();
        let entries = parse_entries(Place::Arg, tokens, errors, |key, name, input| {
            match name {
                "name" => this.name = Some(string(key, input, "")?),
                "description" => this.description = Some(string(key, input, "")?),
                "default" => this.default = Some(default(key, input)?),
                "range" => this.range = Some(Constraint::parse(key, input)?),
                "length" => this.length = Some(Constraint::parse(key, input)?),
                "pattern" => this.pattern = Some(string(key, input, "")?),
                _ => this.header = Some(string(key, input, "")?),
            }
            this.keys.push(key.clone());
            Ok(())
        });
        Self { typed: entries.typed, ..this }
    }
}

/// Parses `= expression`.
fn default(key: &Ident, input: ParseStream<'_>) -> syn::Result<Expr> {
    value(key, input, ValueForm::Like("Default::default()"), "an expression; write one like `default = 1`")
}

/// A range of number literals: `1..=5`, `1..`, `..=5`, `0.0..1.0`.
pub(crate) struct Constraint {
    pub(crate) key: Ident,
    pub(crate) range: ExprRange,
    pub(crate) start: Option<Number>,
    pub(crate) end: Option<Number>,
    pub(crate) inclusive: bool,
}

/// The value of a number literal.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
pub(crate) enum Number {
    Integer(i128),
    Float(f64),
}

impl Number {
    pub(crate) fn to_json(self) -> String {
        match self {
            Self::Integer(value) => value.to_string(),
            // `Debug` writes a point or an exponent, which `Display` omits for whole numbers.
            Self::Float(value) => format!("{value:?}"),
        }
    }
}

impl Constraint {
    fn parse(key: &Ident, input: ParseStream<'_>) -> syn::Result<Self> {
        equals(key, input, ValueForm::Range)?;
        let fork = input.fork();
        let range = match fork.parse() {
            Ok(Expr::Range(range)) if fork.is_empty() || fork.peek(Token![,]) || fork.peek(Ident::peek_any) => range,
            _ => {
                let written = ValueForm::Range.of(until_comma(&input.fork())?);
                return Err(other_value(key, input, &format!("a range; write `{key} = {written}`")));
            }
        };
        input.advance_to(&fork);
        let bound = |bound: &Option<Box<Expr>>| bound.as_deref().map(number).transpose();
        let (start, end) = (bound(&range.start)?, bound(&range.end)?);
        let inclusive = matches!(range.limits, RangeLimits::Closed(_));
        Ok(Self { key: key.clone(), start, end, inclusive, range })
    }
}

/// Reads a number literal with an optional sign.
pub(crate) fn number(expr: &Expr) -> syn::Result<Number> {
    let literal = |expr: &Expr| match expr {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(literal) => literal.base10_parse().ok().map(Number::Integer),
            // A literal that is too large becomes infinity, which JSON cannot express.
            Lit::Float(literal) => {
                literal.base10_parse().ok().filter(|value: &f64| value.is_finite()).map(Number::Float)
            }
            _ => None,
        },
        // A fragment of a declarative macro comes in a group.
        Expr::Group(group) => number(&group.expr).ok(),
        _ => None,
    };
    let number = match expr {
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => literal(&unary.expr).map(|number| match number {
            Number::Integer(value) => Number::Integer(-value),
            Number::Float(value) => Number::Float(-value),
        }),
        other => literal(other),
    };
    number.ok_or_else(|| {
        syn::Error::new_spanned(
            expr,
            "expected a number literal, because the bound is written into the schema; write one like `1..=5`",
        )
    })
}
