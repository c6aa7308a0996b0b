//! JSON in attributes.

use proc_macro2::Span;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::{Ident, Lit, LitStr, Token, braced, token};

use super::entries::{equals, list, other_value};
use super::value_form::ValueForm;

/// A JSON value, from tokens of Rust that look the same.
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// A number, in the syntax of JSON.
    Number(String),
    Text(String),
    List(Vec<Self>),
    Object(Vec<(LitStr, Self)>),
}

impl Json {
    /// Returns the member of an object.
    pub(crate) fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(key, _)| key.value() == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Parses `= { "key": value, … }`. An error shows `example` if the value is missing.
    pub(crate) fn parse_object(key: &Ident, input: ParseStream<'_>, example: &'static str) -> syn::Result<Self> {
        equals(key, input, ValueForm::Like(example))?;
        if input.peek(token::Brace) {
            return input.parse();
        }
        Err(other_value(key, input, &format!("a JSON object; write `{key} = {{ \"…\": … }}`")))
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(number) => out.push_str(number),
            Self::Text(text) => out.push_str(&mcp_core::json_string(text)),
            Self::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (key, value)) in members.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    out.push_str(&mcp_core::json_string(&key.value()));
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

/// Writes JSON without white space.
impl std::fmt::Display for Json {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::new();
        self.write(&mut text);
        f.write_str(&text)
    }
}

impl Parse for Json {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(token::Brace) {
            return object(input);
        }
        if input.peek(token::Bracket) {
            return list(input, Self::parse).map(Self::List);
        }
        if input.peek(Token![-]) {
            let minus: Token![-] = input.parse()?;
            return match literal(input)? {
                Self::Number(number) => Ok(Self::Number(format!("-{number}"))),
                _ => Err(not_json(minus.span)),
            };
        }
        if input.peek(Ident::peek_any) && !input.peek(Lit) {
            let ident = input.call(Ident::parse_any)?;
            return if ident == "null" { Ok(Self::Null) } else { Err(not_json(ident.span())) };
        }
        literal(input)
    }
}

fn literal(input: ParseStream<'_>) -> syn::Result<Json> {
    let Ok(literal) = input.parse::<Lit>() else { return Err(not_json(input.span())) };
    match &literal {
        Lit::Str(text) => Ok(Json::Text(text.value())),
        Lit::Bool(value) => Ok(Json::Bool(value.value)),
        Lit::Int(number) if number.suffix().is_empty() => Ok(Json::Number(number.base10_digits().to_owned())),
        Lit::Float(number) if number.suffix().is_empty() => {
            let digits = number.base10_digits();
            // Rust allows `1.`, and JSON does not.
            Ok(Json::Number(if digits.ends_with('.') { format!("{digits}0") } else { digits.to_owned() }))
        }
        other => Err(not_json(other.span())),
    }
}

fn object(input: ParseStream<'_>) -> syn::Result<Json> {
    let content;
    braced!(content in input);
    let mut members: Vec<(LitStr, Json)> = Vec::new();
    let mut walk = || {
        while !content.is_empty() {
            let Ok(key) = content.parse::<LitStr>() else {
                return Err(content.error("the keys of JSON are texts; write `\"…\": …`"));
            };
            if members.iter().any(|(other, _)| other.value() == key.value()) {
                return Err(syn::Error::new(key.span(), format_args!("`{}` is given twice; remove one", key.value())));
            }
            if !content.peek(Token![:]) {
                return Err(content.error("expected `:`, as JSON has it"));
            }
            content.parse::<Token![:]>()?;
            members.push((key, content.parse()?));
            if !content.is_empty() && !content.peek(Token![,]) {
                return Err(content.error("expected `,`"));
            }
            if !content.is_empty() {
                content.parse::<Token![,]>()?;
            }
        }
        Ok(())
    };
    let result = walk();
    // syn would report unparsed tokens as a second error.
    content.parse::<proc_macro2::TokenStream>()?;
    result.map(|()| Json::Object(members))
}

fn not_json(span: Span) -> syn::Error {
    syn::Error::new(span, "expected JSON: a text in quotes, a number, `true`, `false`, `null`, `[…]` or `{…}`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::TokenStream;
    use quote::quote;

    #[test]
    fn every_form_of_json_is_read() {
        let cases: [(TokenStream, &str); 9] = [
            (quote!({}), "{}"),
            (quote!([]), "[]"),
            (quote!([null, true, false]), "[null,true,false]"),
            (quote!([1, -1, 1.5, -0.5, 1., 1e3, 0xff, 1_000]), "[1,-1,1.5,-0.5,1.0,1e3,255,1000]"),
            (quote!("a\"b\n"), r#""a\"b\n""#),
            (quote!(r#"a"b"#), r#""a\"b""#),
            (quote!({ "a": { "b": [1, { "c": null }] }, }), r#"{"a":{"b":[1,{"c":null}]}}"#),
            (quote!({ "$ref": "#/$defs/a" }), r##"{"$ref":"#/$defs/a"}"##),
            (quote!([[], [[]],]), "[[],[[]]]"),
        ];
        for (tokens, expected) in cases {
            assert_eq!(syn::parse2::<Json>(tokens).map(|json| json.to_string()).unwrap_or_default(), expected);
        }
    }

    #[test]
    fn what_is_not_json_is_refused_once() {
        const NOT_JSON: &str = "expected JSON: a text in quotes, a number, `true`, `false`, `null`, `[…]` or `{…}`";
        let cases: [(TokenStream, &str); 12] = [
            (quote!(), NOT_JSON),
            (quote!(text), NOT_JSON),
            (quote!(1u8), NOT_JSON),
            (quote!('a'), NOT_JSON),
            (quote!(b"a"), NOT_JSON),
            (quote!(-"a"), NOT_JSON),
            (quote!([1, LIMIT, OTHER]), NOT_JSON),
            (quote!({ "a": (1) }), NOT_JSON),
            (quote!({ a: 1, b: 2 }), "the keys of JSON are texts; write `\"…\": …`"),
            (quote!({ "a" = 1 }), "expected `:`, as JSON has it"),
            (quote!({ "a": 1 "b": 2 }), "expected `,`"),
            (quote!({ "a": 1, "a": 2 }), "`a` is given twice; remove one"),
        ];
        for (tokens, expected) in cases {
            let text = tokens.to_string();
            let errors = syn::parse2::<Json>(tokens).err().expect(&text);
            assert_eq!(errors.into_iter().map(|error| error.to_string()).collect::<Vec<_>>(), [expected], "{text}");
        }
    }
}
