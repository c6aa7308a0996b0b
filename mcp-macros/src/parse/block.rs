//! Annotated `impl` blocks.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::parse::discouraged::Speculative as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, FnArg, ImplItem, Path, Signature};

use super::attributes::{self, without_own};
use super::broken_item::BrokenItem;
use super::docs::is_doc;
use super::function::Function;
use super::guard::{Guard, GuardNames};
use super::impl_block::{ImplBlock, keyword};
use super::method::{AnnotatedMethod, Method, OwnAttributes, cfgs, is_own};
use super::{Parameter, PartAttribute, ServerAttribute};
use crate::errors::Errors;

/// An annotated `impl` block.
pub(crate) struct Block {
    pub(crate) attribute: BlockAttribute,
    /// The block without this framework's attributes.
    pub(crate) item: ImplBlock,
    pub(crate) methods: Vec<Method>,
    pub(crate) guards: Vec<Guard>,
    /// The signatures of the methods without an attribute of this framework.
    pub(crate) helpers: Vec<Signature>,
    /// Set if the block has no syntax error.
    ///
    /// rustc parses a block before its attribute is expanded, and has reported such an error. The part with the error
    /// may have any method, so no method is reported as missing.
    pub(crate) complete: bool,
}

/// The attribute of a block.
pub(crate) enum BlockAttribute {
    Server(Box<ServerAttribute>),
    Part(Box<PartAttribute>),
}

impl BlockAttribute {
    /// Returns the name of the attribute. Messages use the name for the block.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Server(_) => "server",
            Self::Part(_) => "part",
        }
    }

    /// Returns the guards of all items.
    pub(crate) fn guards(&self) -> &GuardNames {
        match self {
            Self::Server(server) => &server.guards,
            Self::Part(part) => &part.guards,
        }
    }

    /// Returns `true` if every entry is valid.
    pub(crate) fn is_complete(&self) -> bool {
        match self {
            Self::Server(server) => server.complete,
            Self::Part(part) => part.complete,
        }
    }

    /// Returns the path of this crate, if the attribute renames it.
    pub(crate) fn krate(&self) -> Option<&Path> {
        match self {
            Self::Server(server) => server.krate.as_ref(),
            Self::Part(part) => part.krate.as_ref(),
        }
    }
}

impl Block {
    /// Parses a block.
    ///
    /// # Errors
    /// The item without this framework's attributes, if it is not an `impl` block of a type.
    pub(crate) fn parse(
        attribute: BlockAttribute,
        item: TokenStream,
        errors: &mut Errors,
    ) -> Result<Self, TokenStream> {
        let (name, krate) = (attribute.name(), attribute.krate());
        let keyword = keyword(&item);
        if keyword.as_ref().is_none_or(|keyword| keyword != "impl") {
            let place = keyword.map_or_else(|| item.clone(), ToTokens::into_token_stream);
            let message = format!("`#[mcp::{name}]` is for an `impl` block; put it on the one that has the methods");
            errors.at(place, message);
            return Err(without_own(item, krate));
        }
        let Some((mut item, contents)) =
            ImplBlock::parse(item.clone()).filter(|(item, _)| item.is_of_a_type_with_name())
        else {
            // rustc reports such an item.
            return Err(without_own(item, krate));
        };
        let has_braces = contents.is_some();
        if let Some(path) = &item.trait_ {
            errors.at(
                path,
                format_args!(
                    "`#[mcp::{name}]` is for an `impl` block without a trait; move the methods into one of the type's own"
                ),
            );
        }
        let mut contents = BlockContents::parse(contents.unwrap_or_default(), krate, errors);
        item.attrs.append(&mut contents.attrs);
        item.attrs.retain(|attribute| {
            let again = ["server", "part"].into_iter().find(|name| is_own(name, attribute.path(), krate));
            match again {
                Some(again) if again == name => {
                    errors.at(attribute, format_args!("`#[mcp::{name}]` is given twice; put everything into one"));
                }
                Some(_) => {
                    errors.at(attribute, "a block is a server, or a part of one; remove one of the attributes");
                }
                None => {}
            }
            again.is_none()
        });
        item.items = std::mem::take(&mut contents.items);
        let complete = has_braces && contents.complete;
        let BlockContents { methods, guards, helpers, .. } = contents;
        Ok(Self { attribute, item, methods, guards, helpers, complete })
    }

    /// Returns the `#[cfg]`s of the whole block.
    pub(crate) fn cfgs(&self) -> impl Iterator<Item = &Attribute> {
        cfgs(&self.item.attrs)
    }
}

/// The contents of the braces of a block.
#[derive(Default)]
struct BlockContents {
    /// The inner attributes of the block.
    attrs: Vec<Attribute>,
    items: Vec<TokenStream>,
    methods: Vec<Method>,
    guards: Vec<Guard>,
    helpers: Vec<Signature>,
    complete: bool,
}

impl BlockContents {
    fn parse(tokens: TokenStream, krate: Option<&Path>, errors: &mut Errors) -> Self {
        let mut this = Self { complete: true, ..Self::default() };
        // Broken items go to the end, because rustc may stop at one of them.
        let mut recovered = Vec::new();
        let mut names = Vec::new();
        let walk = |input: ParseStream<'_>| {
            (this.attrs, this.complete) = attributes::inner(input)?;
            while !input.is_empty() {
                let (function, other) = (input.fork(), input.fork());
                if let Ok(mut method) = function.parse::<Function>() {
                    input.advance_to(&function);
                    this.complete &= method.has_all_attrs;
                    this.push(&mut method, &mut names, krate, errors);
                } else if let Ok((attrs, item)) = other.call(other_item) {
                    input.advance_to(&other);
                    let attrs = without_own_of_other(attrs, krate, errors);
                    this.items.push(quote!(#(#attrs)* #item));
                } else {
                    let mut broken = BrokenItem::skip(input)?;
                    this.complete = false;
                    OwnAttributes::take(&mut broken.attrs, krate, errors);
                    recovered.extend(broken.recovered());
                }
            }
            Ok(())
        };
        // A syntax error ends the walk, and rustc has reported it.
        this.complete &= walk.parse2(tokens).is_ok();
        this.items.append(&mut recovered);
        this
    }

    /// Adds a function. `names` has the previous ones, with `true` for annotated ones.
    fn push(
        &mut self,
        function: &mut Function,
        names: &mut Vec<(Ident, bool)>,
        krate: Option<&Path>,
        errors: &mut Errors,
    ) {
        let method = AnnotatedMethod::take(function, krate, errors);
        if method.is_none() {
            self.check_parameters(function, errors);
            self.helpers.push(function.sig.clone());
        }
        let name = &function.sig.ident;
        let is_conditional = function.attrs.iter().any(|attribute| {
            let path = attribute.path();
            path.is_ident("cfg") || path.is_ident("cfg_attr")
        });
        if !is_conditional {
            let other = names.iter().find(|(other, _)| other == name);
            // rustc reports two plain methods of one name. For an annotated one, it would also report each use.
            if other.is_some_and(|(_, is_annotated)| *is_annotated || method.is_some()) {
                errors.at(
                    name,
                    format_args!("there is already a method `{name}` in this block; give one of them another name"),
                );
                return;
            }
            names.push((name.clone(), method.is_some()));
        }
        self.items.push(function.to_token_stream());
        match method {
            Some(AnnotatedMethod::Item(method)) => self.methods.push(*method),
            Some(AnnotatedMethod::Guard(guard)) => self.guards.push(*guard),
            None => {}
        }
    }
}

impl BlockContents {
    /// Reports `#[arg]` in a method without an attribute of this framework.
    ///
    /// Methods with other attributes are exempt, because those may handle `#[arg]`.
    fn check_parameters(&self, function: &mut Function, errors: &mut Errors) {
        let is_plain = function.attrs.iter().all(is_doc);
        let arg = function.sig.inputs.iter().find_map(|input| match input {
            FnArg::Typed(parameter) => {
                parameter.attrs.iter().find(|attribute| attribute.path().is_ident("arg")).cloned()
            }
            FnArg::Receiver(_) => None,
        });
        let Some(arg) = arg.filter(|_| is_plain || !self.complete) else { return };
        Parameter::take_all(&mut function.sig, &mut Errors::default());
        // In an incomplete block, the method's attribute may be among the broken tokens.
        if self.complete {
            errors.at(
                arg,
                "`#[arg]` is for a method that clients use; annotate this one with `#[mcp::tool]`, or remove it",
            );
        }
    }
}

/// Parses a constant, a type or a macro call, with its attributes.
fn other_item(input: ParseStream<'_>) -> syn::Result<(Vec<Attribute>, ImplItem)> {
    Ok((attributes::outer(input)?.0, input.parse()?))
}

fn without_own_of_other(mut attrs: Vec<Attribute>, krate: Option<&Path>, errors: &mut Errors) -> Vec<Attribute> {
    for (annotation, attribute) in OwnAttributes::take(&mut attrs, krate, errors).found {
        errors.at(attribute, format_args!("`#[mcp::{annotation}]` is for a method; put it on one, or remove it"));
    }
    attrs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_ours_is_left_in_the_block() {
        let block = quote! {
            impl Notes {
                /// Add a note.
                #[mcp::tool(nonsense)]
                #[inline]
                fn add(&self, /** The text. */ #[arg(nonsense)] #[mcp::arg(nonsense)] #[allow(unused)] text: String) {}

                #[rmcp::tool]
                fn list(&self, /** How many. */ #[arg(default = 1)] limit: u8) {}

                #[mcp::resource("notes://{id}")]
                fn note(&self, #[arg(name = "id")] key: u64) {}

                #[mcp::prompt]
                #[mcp::completion]
                fn twice(&self) {}

                fn other(&self, #[allow(unused)] text: String) {}

                #[mcp::tool]
                #[doc(hidden)]
                const LIMIT: u8 = 1;
            }
        };
        let mut errors = Errors::default();
        let attribute = BlockAttribute::Server(Box::default());
        let item = Block::parse(attribute, block, &mut errors).map(|block| block.item.to_token_stream());
        let expected = quote! {
            impl Notes {
                /// Add a note.
                #[inline]
                fn add(&self, #[allow(unused)] text: String) {}

                fn list(&self, limit: u8) {}

                fn note(&self, key: u64) {}

                fn twice(&self) {}

                fn other(&self, #[allow(unused)] text: String) {}

                #[doc(hidden)]
                const LIMIT: u8 = 1;
            }
        };
        assert_eq!(item.map(|item| item.to_string()).ok(), Some(expected.to_string()));
        assert_eq!(errors.messages().len(), 6);
    }
}
