//! The contents of attributes, and the blocks and methods under them.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::Visit;
use syn::{Attribute, ImplItem, Item, ItemImpl, Type};

use crate::expansion::{expand_part, expand_server, stray};
use crate::parse::Annotation;
use crate::wire::lines;

/// Limits how deep a text may be nested: `syn` takes as much stack as that needs, and rustc has a limit of its own.
const MAX_DEPTH: usize = 30;

/// The first line is the name of an attribute, the second what stands in it, and the rest what it annotates.
///
/// - What comes out of a block is a file of items, whatever stands in the attributes.
/// - The block comes first: the type, the methods and their bodies are those of the user, and our attributes are gone.
/// - Something comes behind the block of a type with a name: code, or an error.
pub fn check(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let [name, attribute, item] = lines(text);
    let (Ok(attribute), Ok(item)) = (attribute.parse::<TokenStream>(), item.parse::<TokenStream>()) else { return };
    if depth(attribute.clone()) > MAX_DEPTH || depth(item.clone()) > MAX_DEPTH {
        return;
    }
    let annotation = match name {
        "server" | "part" => None,
        name => match Annotation::named(name) {
            Some(annotation) => Some(annotation),
            None => return,
        },
    };
    let block = syn::parse2::<ItemImpl>(item.clone());
    let out = match annotation {
        Some(annotation) => return drop(stray(annotation, &attribute, item)),
        None if name == "part" => expand_part(attribute, item),
        None => expand_server(attribute, item),
    };
    // rustc has reported what it can't read.
    let Ok(block) = block else { return };
    let file: syn::File = syn::parse2(out.clone()).unwrap_or_else(|error| panic!("{error}: {text}: {out}"));
    let Some((Item::Impl(first), others)) = file.items.split_first() else { panic!("no block for {text}: {out}") };
    assert_eq!(tokens_of(&first.self_ty), tokens_of(&block.self_ty), "{text}");
    assert_eq!(bodies(first), bodies(&block), "{text}");
    let mut own = OwnAttributes(Vec::new());
    own.visit_item_impl(first);
    assert!(own.0.is_empty(), "{:?} is left of {text}: {out}", own.0);
    // rustc refuses the others.
    let has_name = matches!(*block.self_ty, Type::Path(_));
    assert!(!has_name || !others.is_empty(), "nothing is generated for {text}");
}

/// Returns the names of the methods with their bodies.
fn bodies(block: &ItemImpl) -> Vec<(String, String)> {
    let body = |item: &ImplItem| match item {
        ImplItem::Fn(method) => Some((method.sig.ident.to_string(), tokens_of(&method.block))),
        _ => None,
    };
    block.items.iter().filter_map(body).collect()
}

/// Returns the attributes that are left and ours beyond doubt.
struct OwnAttributes(Vec<String>);

impl Visit<'_> for OwnAttributes {
    fn visit_attribute(&mut self, attribute: &Attribute) {
        let path = tokens_of(attribute.path());
        if ["tool", "resource", "prompt", "completion", "guard"].iter().any(|name| path == format!("mcp :: {name}")) {
            self.0.push(path);
        }
    }

    // What stands in a method is the user's alone.
    fn visit_block(&mut self, _: &syn::Block) {}
}

fn tokens_of(syntax: &impl ToTokens) -> String {
    syntax.to_token_stream().to_string()
}

fn depth(tokens: TokenStream) -> usize {
    let depth = |tree| match tree {
        TokenTree::Group(group) => 1 + depth(group.stream()),
        _ => 0,
    };
    tokens.into_iter().map(depth).max().unwrap_or_default()
}
