//! The code of a block: const tables, and one line of glue for each method.

mod editor;
mod glue;
mod guard;
mod literal;
mod protection;
mod row;
mod scopes;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Generics, Type, parse_quote};

use self::scopes::Scopes;
use crate::model::{self, Item, Owner, Server};
use crate::parse::{Block, BlockAttribute, ImplBlock, Kind};

/// The content of an attribute whose only purpose is that rustc resolves it.
pub(crate) const IMPORTED: &str = "__imported";

/// Writes the code of a valid block.
pub(crate) fn expand(block: &Block, model: &model::Block) -> TokenStream {
    let item = &block.item;
    let ty = &item.self_ty;
    let generics = servable(item);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let scopes = Scopes::new(model, &item.generics);
    let constants = scopes.constants();
    let name = &model.name;
    let server_ty = match &model.owner {
        Owner::Server(_) => quote!(Self),
        Owner::Part { of } => of.to_token_stream(),
    };
    let tables = [
        (Kind::Tool, quote!(TOOLS), quote!(Tool)),
        (Kind::Resource, quote!(RESOURCES), quote!(Resource)),
        (Kind::Prompt, quote!(PROMPTS), quote!(Prompt)),
        (Kind::Completion, quote!(COMPLETIONS), quote!(Completion)),
    ];
    let tables = tables.into_iter().filter_map(|(kind, constant, row)| {
        let rows: Vec<_> = model.items_of(kind).map(|item| row::row(item, &scopes, &server_ty)).collect();
        (!rows.is_empty()).then(|| quote!(const #constant: &'static [__mcp::#row<Self>] = &[#(#rows),*];))
    });
    let (role, info) = match &model.owner {
        Owner::Server(server) => {
            let info = info(name, server);
            (role_of_server(server), Some(quote!(const INFO: __mcp::ServerInfo = #info;)))
        }
        Owner::Part { of } => (role_of_part(of, Demand::of(&model.items)), None),
    };
    let (argument_names, functions) = guard::for_parts(&model.public_guards);
    let guards =
        (!functions.is_empty()).then(|| quote!(#argument_names impl #impl_generics #ty #where_clause { #functions }));
    // The glue calls methods that may be deprecated, with parameters that may be. Only where the block says that some are,
    // because `forbid(deprecated)` refuses an `allow`.
    let allow_deprecated = item.has_attribute_with("deprecated").then(|| quote!(#[allow(deprecated)]));
    let krate = &model.krate;
    let cfgs = block.cfgs();
    let uses = uses(block);
    let keys = editor::keys(block, krate);
    quote! {
        #item

        #(#cfgs)*
        const _: () = {
            use #krate::__private as __mcp;
            #uses
            #keys

            #constants

            #allow_deprecated
            #[automatically_derived]
            impl #impl_generics __mcp::OneBlockPerTypeOthersAreParts for #ty #where_clause {
                #role
                const NAME: &'static str = #name;
                #info
                #(#tables)*
            }

            #guards
        };
    }
}

/// Writes the members that make the type a server, protected or open.
fn role_of_server(server: &Server) -> TokenStream {
    match &server.protection {
        Some(protection) => {
            let table = protection::table(protection, &Scopes::required());
            quote! {
                type Role = __mcp::role::Protected;
                type Of = Self;
                const PROTECTION: &'static __mcp::DeclaredProtection = &#table;
            }
        }
        None => quote! {
            type Role = __mcp::role::Open;
            type Of = Self;
            const PROTECTION: () = ();
        },
    }
}

/// The demand of a part on the type of its server.
#[derive(Clone, Copy)]
enum Demand {
    /// The type is a server.
    Server,
    /// The type is a protected server, because a rate is for each caller.
    Callers,
    /// The type is a protected server with certain scopes. Assertions beside the tables check that.
    Scopes,
}

impl Demand {
    fn of(items: &[Item]) -> Self {
        if items.iter().any(|item| !item.scopes.is_empty()) {
            Self::Scopes
        } else if items.iter().any(|item| item.rate.is_some()) {
            Self::Callers
        } else {
            Self::Server
        }
    }
}

/// Writes the members that make the type a part.
///
/// A type that is not the demanded server is one error.
fn role_of_part(of: &Type, demand: Demand) -> TokenStream {
    let protection = match demand {
        Demand::Server => quote!(<#of as __mcp::HasParts>::PROTECTION_OF_PARTS),
        Demand::Callers => quote!(<#of as __mcp::HasRatedParts>::PROTECTION_OF_PARTS),
        Demand::Scopes => quote!(()),
    };
    quote! {
        type Role = __mcp::role::Part;
        type Of = #of;
        const PROTECTION: () = #protection;
    }
}

/// Writes the user's block, the errors, and a stub that keeps its uses free of further errors.
pub(crate) fn fallback(block: &Block, errors: &TokenStream) -> TokenStream {
    let item = &block.item;
    let ty = &item.self_ty;
    let krate = block.attribute.krate().cloned().unwrap_or_else(|| parse_quote!(::mcp));
    let generics = servable(item);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let role = match &block.attribute {
        BlockAttribute::Server(_) => Some(quote! {
            type Role = __mcp::role::Undeclared;
            type Of = Self;
            const PROTECTION: &'static __mcp::DeclaredProtection = __mcp::DeclaredProtection::UNDECLARED;
        }),
        // The block of the server is the one of its type.
        BlockAttribute::Part(_) if model::is_part_of_itself(block) => None,
        BlockAttribute::Part(part) => part.of.as_ref().map(|of| role_of_part(of, Demand::Server)),
    };
    let implementation = role.map(|role| {
        quote! {
            #[automatically_derived]
            impl #impl_generics __mcp::OneBlockPerTypeOthersAreParts for #ty #where_clause {
                #role
                const NAME: &'static str = "";
            }
        }
    });
    let cfgs = block.cfgs();
    let uses = uses(block);
    let keys = editor::keys(block, &krate);
    quote! {
        #item

        #errors

        #(#cfgs)*
        const _: () = {
            use #krate::__private as __mcp;
            #uses
            #keys

            #implementation
        };
    }
}

/// Writes each attribute of a method once more, where it expands to nothing.
///
/// The macro removes the attributes of the methods. Without another use, rustc would report an import of one as unused, and
/// would not report a missing import.
fn uses(block: &Block) -> TokenStream {
    let mut uses: Vec<TokenStream> = Vec::new();
    let items = block.methods.iter().map(|method| (&method.cfgs, &method.path));
    let guards = block.guards.iter().map(|guard| (&guard.cfgs, &guard.path));
    for (cfgs, path) in items.chain(guards) {
        let Some(path) = path else { continue };
        let marker = Ident::new(IMPORTED, Span::call_site());
        let always = quote!(#[#path(#marker)] const _: () = (););
        let item = quote!(#(#cfgs)* #always);
        if uses.iter().map(ToString::to_string).all(|other| other != item.to_string() && other != always.to_string()) {
            uses.push(item);
        }
    }
    uses.into_iter().collect()
}

/// Adds the condition that requests can share the type of a block.
///
/// It is a condition besides a bound of the trait, so that rustc reports it once, under the type. A type with lifetimes gets
/// a weaker one: the whole would hide from rustc that the type is `Send`, and with it the futures of the methods.
fn servable(item: &ImplBlock) -> Generics {
    let mut generics = item.generics.clone();
    let span = item.self_ty.span();
    let condition = if model::mentions_lifetime(&item.self_ty) {
        quote_spanned!(span=> Self: 'static)
    } else {
        // Three bounds and not one trait: behind that, rustc would not name the part of a generic type that is not `Send`.
        quote_spanned!(span=> Self: ::core::marker::Send + ::core::marker::Sync + 'static)
    };
    generics.make_where_clause().predicates.push(parse_quote!(#condition));
    generics
}

fn info(type_name: &str, server: &Server) -> TokenStream {
    let name = server.name.as_deref().unwrap_or(type_name);
    let title = server.title.as_ref().map(|title| quote!(.title(#title)));
    let instructions = server.instructions.as_ref().map(|instructions| quote!(.instructions(#instructions)));
    let website = server.website.as_ref().map(|website| quote!(.website(#website)));
    let icons = row::icons(&server.icons);
    let lenient = server.lenient.then(|| quote!(.lenient()));
    let inline_schemas = server.inline_schemas.then(|| quote!(.inline_schemas()));
    let timeout = server.timeout.map(row::timeout);
    let rate = server.rate.map(|rate| {
        let rate = literal::rate(rate);
        quote!(.rate(#rate))
    });
    let version = match &server.version {
        Some(version) => version.to_token_stream(),
        None => quote!(::core::env!("CARGO_PKG_VERSION")),
    };
    quote! {
        __mcp::ServerInfo::new(#name, #version)
            #title #instructions #website #icons #lenient #inline_schemas #rate #timeout
    }
}
