//! Tests that a damaged token does not affect other methods.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;

/// Returns a block whose second method is `damaged`.
fn block(damaged: &TokenStream) -> TokenStream {
    quote! {
        impl<T> Notes<T> where T: Store {
            /// List every note.
            #[mcp::tool(read_only)]
            fn list(&self, #[arg(default = 1)] limit: u8) -> Vec<String> { std:: }

            const LIMIT: usize = 10;

            #damaged

            /// Letter.
            #[mcp::prompt]
            fn letter(&self, language: String) -> String {}

            fn helper(&self) {}
        }
    }
}

fn method() -> TokenStream {
    quote! {
        #[doc = "Add a note."]
        #[mcp::tool(name = "add")]
        pub async fn add<'a>(
            &self,
            #[doc = "The text."] text: Vec<String>,
            #[arg(default = 1)] copies: u8,
        ) -> Result<String, Error> {
            let copies = [copies; 2];
        }
    }
}

/// Returns tokens that may be typed by mistake.
fn typed() -> Vec<TokenStream> {
    let texts = ["&", ",", ":", ";", "<", "->", "=", "#", "fn", "pub", "impl", "te", "{}", "std::"];
    texts.iter().map(|text| text.parse().expect("tokens")).collect()
}

/// Returns the tokens with one token removed or inserted, at every place.
fn damages(tokens: &TokenStream, within: Option<Delimiter>) -> Vec<TokenStream> {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut all = Vec::new();
    for position in 0..=trees.len() {
        let (before, rest) = trees.split_at(position);
        let behind = rest.get(1..).unwrap_or_default();
        all.push(quote!(#(#before)* #(#behind)*));
        all.extend(typed().iter().map(|typed| quote!(#(#before)* #typed #(#rest)*)));
        // The macros do not parse bodies, and the keys of attributes have tests of their own.
        if let Some(TokenTree::Group(group)) = rest.first()
            && group.delimiter() != Delimiter::Brace
            && within != Some(Delimiter::Bracket)
        {
            for inner in damages(&group.stream(), Some(group.delimiter())) {
                let damaged = Group::new(group.delimiter(), inner);
                all.push(quote!(#(#before)* #damaged #(#behind)*));
            }
        }
    }
    all
}

fn count(tokens: &TokenStream, name: &str) -> usize {
    let counts = tokens.clone().into_iter().map(|tree| match tree {
        TokenTree::Ident(ident) => usize::from(ident == name),
        TokenTree::Group(group) => count(&group.stream(), name),
        _ => 0,
    });
    counts.sum()
}

/// Collects the attributes of this framework that remain.
fn own_attributes(tokens: TokenStream, found: &mut Vec<String>) {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    for (position, tree) in trees.iter().enumerate() {
        let TokenTree::Group(group) = tree else { continue };
        let is_attribute = position.checked_sub(1).is_some_and(|before| trees[before].to_string() == "#");
        let text = group.stream().to_string();
        let own = ["mcp :: tool", "mcp :: prompt", "tool", "arg"];
        let is_own = own.iter().any(|own| text == *own || text.starts_with(&format!("{own} (")));
        if is_attribute && is_own && !text.contains(crate::expand::IMPORTED) {
            found.push(text);
        }
        own_attributes(group.stream(), found);
    }
}

#[test]
fn a_damaged_method_costs_no_other() {
    for damaged in damages(&method(), None) {
        let expansion = crate::expand_server(TokenStream::new(), block(&damaged));
        assert!(count(&expansion, "compile_error") <= 1, "{damaged}: {expansion}");
        let mut own = Vec::new();
        own_attributes(expansion.clone(), &mut own);
        assert!(own.is_empty(), "{own:?} of {damaged}: {expansion}");
        let text = expansion.to_string();
        for kept in [
            "fn list (& self , limit : u8) -> Vec < String > { std :: }",
            "const LIMIT : usize = 10 ;",
            "fn helper (& self) { }",
        ] {
            assert!(text.contains(kept), "{kept} of {damaged}: {expansion}");
        }
        assert!(text.contains("fn letter (& self , language : String) -> String { }"), "{damaged}: {expansion}");
        let stub = "__mcp :: OneBlockPerTypeOthersAreParts for Notes < T >";
        assert!(text.contains(stub), "{damaged}: {expansion}");
    }
}
