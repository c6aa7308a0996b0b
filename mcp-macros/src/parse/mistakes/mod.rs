//! Tests of mistakes in attributes.
//!
//! Each gives one error with advice, under the narrowest tokens.

mod arg;
mod block;
mod method;

use proc_macro2::TokenStream;

use super::{Arg, Kind, MethodAttribute, PartAttribute, ServerAttribute};
use crate::errors::Errors;

/// A mistake: an attribute, the error's tokens, the end of its message.
type Case = (&'static str, &'static str, &'static str);

fn check(cases: &[Case], parse: impl Fn(TokenStream, &mut Errors)) {
    let mut wrong = Vec::new();
    for (written, under, expected) in cases {
        let tokens: TokenStream = written.parse().unwrap_or_else(|error| panic!("{written}: {error}"));
        let mut errors = Errors::default();
        parse(tokens, &mut errors);
        let found: Vec<(String, String)> = (errors.into_error().into_iter().flatten())
            .map(|error| (error.span().source_text().unwrap_or_default(), error.to_string()))
            .collect();
        if !matches!(&*found, [(place, message)] if place == under && message.ends_with(expected)) {
            wrong.push(format!("{written}\n  expected under {under}: …{expected}\n  but {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn check_method(kind: Kind, cases: &[Case]) {
    check(cases, |tokens, errors| drop(MethodAttribute::parse(kind, tokens, errors)));
}

fn check_server(cases: &[Case]) {
    check(cases, |tokens, errors| drop(ServerAttribute::parse(tokens, errors)));
}

fn check_arg(cases: &[Case]) {
    check(cases, |tokens, errors| drop(Arg::parse(tokens, errors)));
}

fn check_part(cases: &[Case]) {
    check(cases, |tokens, errors| drop(PartAttribute::parse(tokens, errors)));
}
