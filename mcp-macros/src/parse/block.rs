use proc_macro2::{Span, TokenStream};
use syn::punctuated::Punctuated;
use syn::{
    Attribute, FnArg, ImplItem, ImplItemFn, Item, ItemImpl, LitStr, Meta, Pat, PatType, Path, Signature, Token, Type,
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
    /// The path by which the attribute was named, or nothing if it was that of another one.
    pub(crate) path: Option<Path>,
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
            errors.at(
                path,
                "`#[mcp::server]` is for an `impl` block without a trait; move the tools into one of the type's own",
            );
        }
        let attribute = ServerAttribute::parse(attribute, errors);
        let krate = attribute.krate.as_ref();
        item.attrs.retain(|attribute| {
            let again = is_own("server", attribute.path(), krate);
            if again {
                errors.at(attribute, "`#[mcp::server]` is given twice; put everything into one");
            }
            !again
        });
        let methods = (item.items.iter_mut())
            .filter_map(|item| match item {
                ImplItem::Fn(method) => Method::take(method, krate, errors),
                _ => None,
            })
            .collect();
        Ok(Self { attribute, item, methods })
    }

    /// The `#[cfg]`s of the whole block.
    pub(crate) fn cfgs(&self) -> impl Iterator<Item = &Attribute> {
        cfgs(&self.item.attrs)
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
    /// Takes this framework's attributes off a method, if it is a tool, or was meant to be.
    fn take(method: &mut ImplItemFn, krate: Option<&Path>, errors: &mut Errors) -> Option<Self> {
        let mut found = Vec::new();
        let mut near_miss = false;
        method.attrs.retain(|attribute| match recognise(attribute, krate) {
            Recognised::Tool => {
                found.push(attribute.clone());
                false
            }
            Recognised::NearMiss(message) => {
                errors.at(attribute.path(), message);
                near_miss = true;
                false
            }
            Recognised::Foreign => true,
        });
        let mut found = found.into_iter();
        let first = found.next();
        if first.is_none() && !near_miss {
            return None;
        }
        for second in found {
            errors.at(&second, format_args!("`{}` is already a tool; remove one of the attributes", method.sig.ident));
        }
        let attribute = match &first {
            Some(first) => ToolAttribute::parse(arguments_of(first, errors), errors),
            None => ToolAttribute::default(),
        };
        Some(Self {
            attribute,
            path: first.map(|first| first.path().clone()),
            docs: doc_text(&method.attrs),
            cfgs: cfgs(&method.attrs).cloned().collect(),
            signature: method.sig.clone(),
            parameters: Parameter::take_all(&mut method.sig, errors),
        })
    }
}

impl Method {
    /// Where the name that clients use comes from.
    pub(crate) fn name_span(&self) -> Span {
        self.attribute.name.as_ref().map_or_else(|| self.signature.ident.span(), LitStr::span)
    }
}

impl Parameter {
    /// Takes the attributes of the parameters that only a tool has.
    pub(crate) fn take_all(signature: &mut Signature, errors: &mut Errors) -> Vec<Self> {
        let parameters = signature.inputs.iter_mut().filter_map(|input| match input {
            FnArg::Typed(parameter) => Some(Self::take(parameter, errors)),
            FnArg::Receiver(_) => None,
        });
        parameters.collect()
    }

    fn take(parameter: &mut PatType, errors: &mut Errors) -> Self {
        let docs = doc_text(&parameter.attrs);
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
            if path.is_ident("cfg") || path.is_ident("cfg_attr") {
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
fn recognise(attribute: &Attribute, krate: Option<&Path>) -> Recognised {
    let path = attribute.path();
    let Some((last, prefix)) = split(path) else { return Recognised::Foreign };
    if path.is_ident("tool") || is_own("tool", path, krate) {
        Recognised::Tool
    } else if last == "tool" {
        let name = prefix.join("::");
        Recognised::NearMiss(format!(
            "`#[{name}::tool]` is of another crate; in a `#[mcp::server]` block, write `#[mcp::tool]`, or `crate = {name}` above if that is your name for this crate"
        ))
    } else if is_own(&last, path, krate) {
        Recognised::NearMiss(format!("there is no `#[mcp::{last}]` for a method; write `#[mcp::tool]`"))
    } else if path.is_ident("cfg_attr") && brings_tool(attribute) {
        Recognised::NearMiss(
            "whether a method is a tool can't be conditional; put `#[cfg]` on the whole method".to_owned(),
        )
    } else {
        Recognised::Foreign
    }
}

/// Whether `path` is `mcp::name`, or the same below the renamed crate.
fn is_own(name: &str, path: &Path, krate: Option<&Path>) -> bool {
    let Some((last, prefix)) = split(path) else { return false };
    let renamed = || {
        krate.is_some_and(|krate| {
            krate.segments.iter().map(|segment| segment.ident.to_string()).eq(prefix.iter().cloned())
        })
    };
    last == name && (prefix == ["mcp"] || renamed())
}

fn split(path: &Path) -> Option<(String, Vec<String>)> {
    let mut names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    Some((names.pop()?, names))
}

/// Whether a `#[cfg_attr]` adds an attribute named `tool`.
fn brings_tool(attribute: &Attribute) -> bool {
    let metas = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
    metas.is_ok_and(|metas| {
        metas.iter().skip(1).any(|meta| meta.path().segments.last().is_some_and(|last| last.ident == "tool"))
    })
}

fn cfgs(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"))
}

/// What stands in the parentheses of an attribute.
fn arguments_of(attribute: &Attribute, errors: &mut Errors) -> TokenStream {
    match &attribute.meta {
        Meta::Path(_) => TokenStream::new(),
        Meta::List(list) => list.tokens.clone(),
        Meta::NameValue(meta) => {
            let path = &meta.path;
            let name = quote::quote!(#path).to_string().replace(' ', "");
            errors.at(meta, format_args!("`{name}` takes its settings in parentheses: `#[{name}(…)]`"));
            TokenStream::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    fn is_tool(attribute: &Attribute, krate: Option<&Path>) -> Result<bool, String> {
        match recognise(attribute, krate) {
            Recognised::Tool => Ok(true),
            Recognised::NearMiss(message) => Err(message),
            Recognised::Foreign => Ok(false),
        }
    }

    #[test]
    fn the_attribute_is_known_by_its_path() {
        for attribute in [parse_quote!(#[tool]), parse_quote!(#[mcp::tool(read_only)]), parse_quote!(#[::mcp::tool])] {
            assert_eq!(is_tool(&attribute, None), Ok(true));
        }
        for attribute in
            [parse_quote!(#[inline]), parse_quote!(#[tracing::instrument]), parse_quote!(#[cfg_attr(x, inline)])]
        {
            assert_eq!(is_tool(&attribute, None), Ok(false));
        }
        let renamed: Path = parse_quote!(vendored::framework);
        assert_eq!(is_tool(&parse_quote!(#[vendored::framework::tool]), Some(&renamed)), Ok(true));
    }

    #[test]
    fn a_near_miss_is_told_what_to_write() {
        let near_misses: [Attribute; 4] = [
            parse_quote!(#[rmcp::tool(description = "…")]),
            parse_quote!(#[vendored::framework::tool]),
            parse_quote!(#[mcp::tools]),
            parse_quote!(#[cfg_attr(unix, mcp::tool)]),
        ];
        for attribute in near_misses {
            assert!(
                is_tool(&attribute, None)
                    .is_err_and(|message| message.contains("write `#[mcp::tool]`") || message.contains("put `#[cfg]`"))
            );
        }
    }

    #[test]
    fn nothing_of_ours_is_left_in_the_block() {
        let block: ItemImpl = parse_quote! {
            impl Notes {
                /// Add a note.
                #[mcp::tool(nonsense)]
                #[inline]
                fn add(&self, /** The text. */ #[arg(nonsense)] #[mcp::arg(nonsense)] #[allow(unused)] text: String) {}

                #[rmcp::tool]
                fn list(&self, /** How many. */ #[arg(default = 1)] limit: u8) {}

                fn other(&self, #[allow(unused)] text: String) {}
            }
        };
        let mut errors = Errors::default();
        let block = Block::parse(TokenStream::new(), quote::quote!(#block), &mut errors);
        let item = block.map(|block| block.item).expect("a block");
        let expected: ItemImpl = parse_quote! {
            impl Notes {
                /// Add a note.
                #[inline]
                fn add(&self, #[allow(unused)] text: String) {}

                fn list(&self, limit: u8) {}

                fn other(&self, #[allow(unused)] text: String) {}
            }
        };
        assert_eq!(quote::quote!(#item).to_string(), quote::quote!(#expected).to_string());
        assert_eq!(errors.messages().len(), 4);
    }
}
