//! From a server that obeys every rule to code: const tables, and one line of glue for each method.

mod protection;
mod tool;

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::visit::Visit;
use syn::{Generics, ItemImpl, Lifetime, Type, parse_quote};

use self::protection::Protected;
use crate::model::Server;
use crate::parse::Block;

/// The code of a valid server.
pub(crate) fn expand(block: &Block, server: &Server) -> TokenStream {
    let item = &block.item;
    let ty = &item.self_ty;
    let krate = &server.krate;
    let generics = servable(item);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let info = info(server);
    let protected = server.protection.as_ref().map(|protection| Protected::new(protection, server));
    let scope_sets = protected.as_ref().map(Protected::scope_sets);
    let kind = match &protected {
        Some(protected) => {
            let table = protected.table();
            quote! {
                #[automatically_derived]
                impl #impl_generics __mcp::Protected for #ty #where_clause {
                    const PROTECTION: &'static __mcp::DeclaredProtection = &#table;
                }
            }
        }
        None => quote! {
            #[automatically_derived]
            impl #impl_generics __mcp::Open for #ty #where_clause {}
        },
    };
    let tools = server.tools.iter().map(|tool| tool::row(tool, protected.as_ref()));
    let required = server.protection.is_some().then(|| {
        quote!(
            const REQUIRED: &'static __mcp::ScopeSet = __SCOPES_0;
        )
    });
    let type_name = &server.type_name;
    let cfgs = block.cfgs();
    let uses = uses(block);
    quote! {
        #item

        #(#cfgs)*
        const _: () = {
            use #krate::__private as __mcp;
            #uses

            #scope_sets

            #[allow(deprecated)]
            #[automatically_derived]
            impl #impl_generics __mcp::Block for #ty #where_clause {
                const NAME: &'static str = #type_name;
                const TOOLS: &'static [__mcp::Tool<Self>] = &[#(#tools),*];
            }

            #[automatically_derived]
            impl #impl_generics __mcp::Server for #ty #where_clause {
                const INFO: __mcp::ServerInfo = #info;
                #required
            }

            #kind
        };
    }
}

/// The user's block and the errors about it, with as much of a server as keeps every use of it free of further errors.
pub(crate) fn fallback(block: &Block, errors: &TokenStream) -> TokenStream {
    let item = &block.item;
    let ty = &item.self_ty;
    let krate = block.attribute.krate.clone().unwrap_or_else(|| parse_quote!(::mcp));
    let generics = servable(item);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let cfgs = block.cfgs();
    let uses = uses(block);
    quote! {
        #item

        #errors

        #(#cfgs)*
        const _: () = {
            use #krate::__private as __mcp;
            #uses

            #[automatically_derived]
            impl #impl_generics __mcp::Block for #ty #where_clause {
                const NAME: &'static str = "";
            }

            #[automatically_derived]
            impl #impl_generics __mcp::Server for #ty #where_clause {
                const INFO: __mcp::ServerInfo = __mcp::ServerInfo::UNDECLARED;
            }

            #[automatically_derived]
            impl #impl_generics __mcp::Protected for #ty #where_clause {
                const PROTECTION: &'static __mcp::DeclaredProtection = __mcp::DeclaredProtection::UNDECLARED;
            }

            #[automatically_derived]
            impl #impl_generics __mcp::Open for #ty #where_clause {}
        };
    }
}

/// The attributes of the methods are gone, so that an import of one would be reported as unused. These uses of them
/// would be, too, where another macro writes the block.
fn uses(block: &Block) -> TokenStream {
    let mut uses: Vec<TokenStream> = Vec::new();
    for method in &block.methods {
        let (cfgs, Some(path)) = (&method.cfgs, &method.path) else { continue };
        let always = quote!(#[allow(unused_imports)] use #path as _;);
        let item = quote!(#(#cfgs)* #always);
        if uses.iter().map(ToString::to_string).all(|other| other != item.to_string() && other != always.to_string()) {
            uses.push(item);
        }
    }
    uses.into_iter().collect()
}

/// What a server must be to be shared between requests. It is a condition and not only a bound of the trait, so that
/// rustc reports it once, under the type. With lifetimes in the type, the condition would hide from rustc what it can
/// tell about the type itself, and the futures of the tools would no longer be `Send`.
fn servable(item: &ItemImpl) -> Generics {
    let mut generics = item.generics.clone();
    let span = item.self_ty.span();
    let condition = if mentions_lifetime(&item.self_ty) {
        quote_spanned!(span=> Self: 'static)
    } else {
        quote_spanned!(span=> Self: ::core::marker::Send + ::core::marker::Sync + 'static)
    };
    generics.make_where_clause().predicates.push(parse_quote!(#condition));
    generics
}

fn mentions_lifetime(ty: &Type) -> bool {
    struct Lifetimes {
        found: bool,
    }

    impl Visit<'_> for Lifetimes {
        fn visit_lifetime(&mut self, _: &Lifetime) {
            self.found = true;
        }
    }

    let mut lifetimes = Lifetimes { found: false };
    lifetimes.visit_type(ty);
    lifetimes.found
}

fn info(server: &Server) -> TokenStream {
    let name = &server.name;
    let title = server.title.as_ref().map(|title| quote!(.title(#title)));
    let instructions = server.instructions.as_ref().map(|instructions| quote!(.instructions(#instructions)));
    let version = match &server.version {
        Some(version) => version.to_token_stream(),
        None => quote!(::core::env!("CARGO_PKG_VERSION")),
    };
    quote!(__mcp::ServerInfo::new(#name, #version) #title #instructions)
}

fn option(value: Option<impl ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

/// A string literal that reads as the text it stands for, also when that has quotes.
fn text(value: &str) -> TokenStream {
    if !value.contains('"') {
        return value.to_token_stream();
    }
    let mut hashes = "#".to_owned();
    while value.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    match format!("r{hashes}\"{value}\"{hashes}").parse::<Literal>() {
        Ok(literal) => literal.to_token_stream(),
        // A carriage return has no raw form.
        Err(_) => value.to_token_stream(),
    }
}
