use proc_macro2::TokenStream;
use syn::{
    Attribute, FnArg, ImplItem, ImplItemFn, Item, ItemImpl, Meta, Pat, PatType, Path, Signature, Token, Type,
};

use super::docs::{doc_text, is_doc};
use super::{Arg, ServerAttribute, ToolAttribute};
use crate::errors::Errors;

/// An annotated `impl` block, taken apart.
pub(crate) struct Block {
    pub(crate) attribute: ServerAttribute,
    /// The block without this framework's attributes: what the user would have written without it.
    pub(crate) item: ItemImpl,
    pub(crate) methods: Vec<Method>,
}

/// A method that is a tool.
pub(crate) struct Method {
    pub(crate) attribute: ToolAttribute,
    /// The path by which the attribute was named.
    pub(crate) path: Path,
    pub(crate) docs: Option<String>,
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) signature: Signature,
    pub(crate) parameters: Vec<Parameter>,
}

/// A parameter of a tool, except the receiver.
pub(crate) struct Parameter {
    pub(crate) arg: Option<(Attribute, Arg)>,
    pub(crate) docs: Option<String>,
    pub(crate) pattern: Pat,
    pub(crate) ty: Type,
}

impl Block {
    /// Fails only where there is no block to go on with.
    pub(crate) fn parse(attribute: TokenStream, item: TokenStream, errors: &mut Errors) -> syn::Result<Self> {
        let mut item = match syn::parse2::<Item>(item)? {
            Item::Impl(item) => item,
            other => {
                return Err(syn::Error::new_spanned(
                    keyword(&other),
                    "`#[mcp::server]` is for an `impl` block; put it on the one that has the tools",
                ));
            }
        };
        if let Some((path, _)) = &item.trait_ {
            return Err(syn::Error::new_spanned(
                path,
                "`#[mcp::server]` is for an `impl` block without a trait; move the tools into one of the type's own",
            ));
        }
        let attribute = ServerAttribute::parse(attribute, errors);
        let krate = attribute.krate.as_ref();
        let methods = (item.items.iter_mut())
            .filter_map(|item| match item {
                ImplItem::Fn(method) => Method::take(method, krate, errors),
                _ => None,
            })
            .collect();
        Ok(Self { attribute, item, methods })
    }
}

/// The part of an item to point at.
fn keyword(item: &Item) -> TokenStream {
    use quote::ToTokens as _;
    match item {
        Item::Struct(item) => item.struct_token.to_token_stream(),
        Item::Enum(item) => item.enum_token.to_token_stream(),
        Item::Trait(item) => item.trait_token.to_token_stream(),
        Item::Fn(item) => item.sig.fn_token.to_token_stream(),
        Item::Mod(item) => item.mod_token.to_token_stream(),
        other => other.to_token_stream(),
    }
}

impl Method {
    /// Takes this framework's attributes off a method, if it is a tool.
    fn take(method: &mut ImplItemFn, krate: Option<&Path>, errors: &mut Errors) -> Option<Self> {
        let mut found = Vec::new();
        method.attrs.retain(|attribute| match recognise(attribute.path(), krate) {
            Recognised::Tool => {
                found.push(attribute.clone());
                false
            }
            Recognised::NearMiss(message) => {
                errors.at(attribute.path(), message);
                false
            }
            Recognised::Foreign => true,
        });
        let mut found = found.into_iter();
        let first = found.next()?;
        for second in found {
            errors.at(&second, format_args!("`{}` is already a tool; remove one of the attributes", method.sig.ident));
        }
        let tokens = arguments_of(&first, errors);
        let parameters = method.sig.inputs.iter_mut().filter_map(|input| match input {
            FnArg::Typed(parameter) => Some(Parameter::take(parameter, errors)),
            FnArg::Receiver(_) => None,
        });
        let parameters = parameters.collect();
        Some(Self {
            attribute: ToolAttribute::parse(tokens, errors),
            path: first.path().clone(),
            docs: doc_text(&method.attrs),
            cfgs: method.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned().collect(),
            signature: method.sig.clone(),
            parameters,
        })
    }
}

impl Parameter {
    fn take(parameter: &mut PatType, errors: &mut Errors) -> Self {
        let docs = doc_text(&parameter.attrs);
        let mut arg: Option<(Attribute, Arg)> = None;
        parameter.attrs.retain(|attribute| {
            if attribute.path().is_ident("arg") {
                if arg.is_some() {
                    errors.at(attribute, "`#[arg]` is given twice; put everything into one");
                } else {
                    let tokens = arguments_of(attribute, errors);
                    arg = Some((attribute.clone(), Arg::parse(tokens, errors)));
                }
                return false;
            }
            if attribute.path().is_ident("cfg") {
                errors.at(attribute, "a parameter of a tool can't be conditional; put `#[cfg]` on the whole method");
            }
            !is_doc(attribute)
        });
        Self { arg, docs, pattern: (*parameter.pat).clone(), ty: (*parameter.ty).clone() }
    }
}

enum Recognised {
    Tool,
    NearMiss(String),
    Foreign,
}

/// `#[tool]`, `#[mcp::tool]`, and what looks as if it was meant to be.
fn recognise(path: &Path, krate: Option<&Path>) -> Recognised {
    let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let Some((last, prefix)) = names.split_last() else { return Recognised::Foreign };
    let own = |prefix: &[String]| {
        prefix == ["mcp"]
            || krate.is_some_and(|krate| krate.segments.iter().map(|segment| segment.ident.to_string()).eq(prefix.iter().cloned()))
    };
    match (last.as_str(), prefix.is_empty()) {
        ("tool", true) => Recognised::Tool,
        ("tool", false) if own(prefix) => Recognised::Tool,
        ("tool", false) => Recognised::NearMiss(format!(
            "`#[{}]` is of another crate; in a `#[mcp::server]` block, write `#[mcp::tool]`",
            names.join("::")
        )),
        (other, false) if own(prefix) => Recognised::NearMiss(format!(
            "there is no `#[mcp::{other}]` for a method; write `#[mcp::tool]`"
        )),
        _ => Recognised::Foreign,
    }
}

/// What stands in the parentheses of an attribute.
fn arguments_of(attribute: &Attribute, errors: &mut Errors) -> TokenStream {
    match &attribute.meta {
        Meta::Path(_) => TokenStream::new(),
        Meta::List(list) => list.tokens.clone(),
        Meta::NameValue(meta) => {
            let path = &meta.path;
            let name = quote::quote!(#path).to_string().replace(' ', "");
            let equals: &Token![=] = &meta.eq_token;
            errors.at(equals, format_args!("`{name}` takes its settings in parentheses: `#[{name}(…)]`"));
            TokenStream::new()
        }
    }
}
