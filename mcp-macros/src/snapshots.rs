//! Tests that compare expansions with files. See `snapshots/README.md`.

use std::path::Path;

use quote::ToTokens as _;
use syn::{Item, ItemImpl, Meta};

#[test]
fn the_notes_server() {
    compare("../examples/notes.rs", "notes.rs");
}

#[test]
fn a_generic_server() {
    compare("snapshots/generic.in.rs", "generic.rs");
}

#[test]
fn every_kind_of_method() {
    compare("snapshots/library.in.rs", "library.rs");
}

#[test]
fn a_part_of_a_server() {
    compare("snapshots/part.in.rs", "part.rs");
}

#[test]
fn a_part_with_a_rate() {
    compare("snapshots/rated_part.in.rs", "rated_part.rs");
}

#[test]
fn guards_of_a_server() {
    compare("snapshots/guards.in.rs", "guards.rs");
}

#[test]
fn a_part_that_asks_a_guard_of_its_server() {
    compare("snapshots/guarded_part.in.rs", "guarded_part.rs");
}

#[test]
fn scopes_by_other_names() {
    compare("snapshots/prefixed.in.rs", "prefixed.rs");
}

fn compare(source: &str, snapshot: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = std::fs::read_to_string(root.join(source)).expect("the source of a server");
    let snapshot = root.join("snapshots").join(snapshot);
    let actual = expand(&source);
    if std::env::var_os("SNAPSHOTS").is_some_and(|mode| mode == "overwrite") {
        std::fs::write(&snapshot, &actual).expect("a writable snapshot");
    }
    let expected = std::fs::read_to_string(&snapshot).unwrap_or_default();
    if actual != expected {
        let difference = expected.lines().zip(actual.lines()).find(|(expected, actual)| expected != actual);
        panic!(
            "{} differs first in {difference:?}; `SNAPSHOTS=overwrite cargo test -p mcp-macros` writes it anew",
            snapshot.display()
        );
    }
}

/// Expands the annotated block of a file.
fn expand(source: &str) -> String {
    let file = syn::parse_file(source).expect("a file of Rust");
    let mut blocks = file.items.into_iter().filter_map(|item| match item {
        Item::Impl(block) => take_attribute(block),
        _ => None,
    });
    let (name, attribute, block) = blocks.next().expect("an annotated block");
    let block = block.to_token_stream();
    let expansion = match &*name {
        "part" => crate::expand_part(attribute, block),
        _ => crate::expand_server(attribute, block),
    };
    prettyplease::unparse(&syn::parse2(expansion).expect("an expansion of items"))
}

/// Splits a block into its attribute's name and tokens, and the rest.
fn take_attribute(mut block: ItemImpl) -> Option<(String, proc_macro2::TokenStream, ItemImpl)> {
    let name = |attribute: &syn::Attribute| attribute.path().segments.last().map(|last| last.ident.to_string());
    let is_ours = |attribute: &syn::Attribute| name(attribute).is_some_and(|name| name == "server" || name == "part");
    let position = block.attrs.iter().position(is_ours)?;
    let attribute = block.attrs.remove(position);
    match &attribute.meta {
        Meta::List(list) => Some((name(&attribute)?, list.tokens.clone(), block)),
        _ => None,
    }
}
