//! The questions to the guards of an item, and the form of a guard that parts of its server can ask.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Path, Type};

use super::glue::inject;
use super::scopes::hash;
use crate::model::{Argument, Guard, GuardParameter, Item, ItemGuard, PublicGuard};
use crate::parse::unraw;

/// Writes the questions to the guards of an item, each with clones of the arguments by which it decides.
pub(super) fn verdicts<'a>(
    item: &'a Item,
    call: &'a Ident,
    server_ty: &'a TokenStream,
) -> impl Iterator<Item = TokenStream> + use<'a> {
    item.guards.iter().map(move |guard| match guard {
        ItemGuard::Own { name, guard } => verdict(item, name, guard, call, server_ty),
        ItemGuard::OfServer { server, name } => verdict_of_server(item, server, name, call, server_ty),
    })
}

/// Writes the guards by which an item is listed: those that decide without arguments.
pub(super) fn list_guards(item: &Item, server_ty: &TokenStream) -> Option<TokenStream> {
    let guards = item.list_guards().map(|guard| match guard {
        ItemGuard::Own { name, guard } => {
            let glue = question_glue(name, guard, server_ty);
            let (name, by_item) = (unraw(name), by_item(guard, server_ty));
            quote!(__mcp::ListGuard::new(#name, #glue) #by_item)
        }
        ItemGuard::OfServer { server, name } => {
            let (function, name, span) = (list_function(name), unraw(name), name.span());
            let call = local("call", span);
            quote_spanned! {span=>
                __mcp::ListGuard::of_server(#name, |#call| ::std::boxed::Box::pin(
                    __mcp::ask_for_list(<#server>::#function(), #call.request()),
                )).by_item(__mcp::ListQuestion::is_by_item(&<#server>::#function()))
            }
        }
    });
    let guards: Vec<TokenStream> = guards.collect();
    (!guards.is_empty()).then(|| quote!(.listed_by(const { &[#(#guards),*] })))
}

/// Writes the conditions under which a guard of the server hides an item, if no guard of the block does.
pub(super) fn hiding_conditions(item: &Item) -> Option<Vec<TokenStream>> {
    let conditions = item.list_guards().map(|guard| match guard {
        ItemGuard::Own { .. } => None,
        ItemGuard::OfServer { server, name } => {
            let function = list_function(name);
            Some(quote_spanned!(name.span()=> <#server>::#function().is_some()))
        }
    });
    conditions.collect()
}

/// Writes the builder calls by which a guard is asked about each item of a list, if it decides by that.
fn by_item(guard: &Guard, server_ty: &TokenStream) -> TokenStream {
    let injected = guard.parameters.iter().filter_map(GuardParameter::as_injected);
    let calls = injected
        .map(|(_, ty)| quote_spanned!(ty.span()=> .by_item(<#ty as __mcp::GuardParameter<'_, #server_ty>>::IS_ITEM)));
    calls.collect()
}

/// Returns a variable of the expansion, which no variable of the user's hides.
fn local(name: &str, span: Span) -> Ident {
    Ident::new(name, Span::mixed_site().located_at(span))
}

/// Writes the closure that asks a guard without arguments.
fn question_glue(name: &Ident, guard: &Guard, server_ty: &TokenStream) -> TokenStream {
    let call = local("call", name.span());
    let injects = injects(guard, &quote!(#call.request()), server_ty);
    let question = question(guard, name, &quote!(#call.server), |ident, _| ident.to_token_stream());
    let span = name.span();
    quote_spanned! {span=>
        |#call| ::std::boxed::Box::pin(async move { #(#injects)* #question?; __mcp::allowed() })
    }
}

/// Returns the arguments by which the guards of an item decide.
pub(super) fn asked(item: &Item) -> Vec<&Argument> {
    // The arguments of another block's guard are unknown here.
    let is_foreign = item.guards.iter().any(|guard| matches!(guard, ItemGuard::OfServer { .. }));
    let decides_by = |argument: &&Argument| {
        is_foreign
            || item.guards.iter().any(|guard| match guard {
                ItemGuard::Own { guard, .. } => guard.arguments().any(|name| *name == argument.ident),
                ItemGuard::OfServer { .. } => false,
            })
    };
    item.arguments().filter(decides_by).collect()
}

/// Writes the question to a guard of the block.
fn verdict(item: &Item, name: &Ident, guard: &Guard, call: &Ident, server_ty: &TokenStream) -> TokenStream {
    let question = question(guard, name, &quote!(#call.server), |ident, ty| {
        let own = item.arguments().find(|argument| argument.ident == *ident).map(|argument| &argument.ty);
        // With the span of the item's type, which is the one to change where the two differ.
        let span = own.map_or_else(|| ty.span(), Spanned::span);
        let same = quote_spanned!(span=> <#own as __mcp::SameAs<#ty>>::same(&#ident));
        quote_spanned!(ty.span()=> <__mcp::Cloner as __mcp::Clones<#ty>>::cloned(#same))
    });
    let injects = injects(guard, &quote!(#call.request()), server_ty);
    let span = guard.output.span();
    if injects.is_empty() {
        return quote_spanned!(span=> #question?;);
    }
    quote_spanned!(span=> { #(#injects)* #question?; })
}

/// Writes the question to a guard of the server, in a part.
///
/// The guard looks for its arguments among those of the item by their names, when rustc checks the types.
fn verdict_of_server(item: &Item, server: &Path, name: &Ident, call: &Ident, server_ty: &TokenStream) -> TokenStream {
    // The variable has the span of the guard, where rustc reports another server, and so a name that users do not have.
    let span = name.span();
    let (types, values): (Vec<Ident>, Vec<&Ident>) =
        item.arguments().enumerate().map(|(index, argument)| (format_ident!("T{index}"), &argument.ident)).unzip();
    let lookups = types.iter().zip(&values).enumerate().map(|(index, (ty, value))| {
        let (name, index) = (name_hash(value), Literal::usize_unsuffixed(index));
        quote! {
            impl<#(#types,)* Name> __mcp::HasArgument<Name, #name> for __Arguments<'_, #(#types),*> {
                type Type = #ty;

                fn argument(&self) -> &#ty {
                    self.#index
                }
            }
        }
    });
    let arguments = (!types.is_empty()).then(|| {
        quote! {
            struct __Arguments<'a, #(#types),*>(#(&'a #types),*);
            #(#lookups)*
        }
    });
    let values =
        if values.is_empty() { quote_spanned!(span=> ()) } else { quote_spanned!(span=> __Arguments(#(&#values),*)) };
    let function = Ident::new(&function_name(name), span);
    quote_spanned! {span=>
        {
            #arguments
            let __server = __mcp::server_of_part::<#server_ty>(#call.request())?;
            <#server>::#function(__server, &#values, #call.request()).await?;
        }
    }
}

/// Writes the forms of the visible guards of a server for its parts, whose items have other arguments.
///
/// Returns the types that name the arguments, and the functions.
pub(super) fn for_parts(guards: &[PublicGuard]) -> (TokenStream, TokenStream) {
    let mut names: Vec<&Ident> = guards.iter().flat_map(|public| public.guard.arguments()).collect();
    names.sort();
    names.dedup();
    // With the span of the macro, because rustc would find fault with such a name of the user's.
    let names = names.into_iter().cloned().map(|mut name| {
        name.set_span(Span::call_site());
        name
    });
    // In a module, where they hide no type of the user's, such as `str`.
    let names = quote!(mod __argument { #(pub enum #names {})* });
    (names, guards.iter().map(for_part).collect())
}

fn for_part(PublicGuard { name, visibility, cfgs, guard }: &PublicGuard) -> TokenStream {
    let function = Ident::new(&function_name(name), Span::call_site());
    let arguments: Vec<(&Ident, &Type)> = guard.parameters.iter().filter_map(GuardParameter::as_argument).collect();
    let bounds = arguments.iter().map(|(ident, ty)| {
        let hash = name_hash(ident);
        quote_spanned!(ty.span()=> __mcp::HasArgument<__argument::#ident, #hash, Type: __mcp::SameAs<#ty>>)
    });
    // Hygienic, because a parameter of the guard may have the same name.
    let [server, given, request] = ["server", "arguments", "request"].map(|name| local(name, Span::call_site()));
    let clones = arguments.iter().map(|(ident, ty)| {
        let hash = name_hash(ident);
        quote_spanned! {ty.span()=>
            let #ident = <__mcp::Cloner as __mcp::Clones<#ty>>::cloned(__mcp::SameAs::same(
                <__A as __mcp::HasArgument<__argument::#ident, #hash>>::argument(#given),
            ));
        }
    });
    let injects = injects(guard, &request.to_token_stream(), &quote!(Self));
    let question = question(guard, name, &quote!(self), |ident, _| ident.to_token_stream());
    let list_function = list_function(name);
    let list_question = if arguments.is_empty() {
        let by_item = by_item(guard, &quote!(Self));
        quote!(::core::option::Option::Some(
            __mcp::ListQuestion::new(|#server, #request| Self::#function(#server, &(), #request)) #by_item
        ))
    } else {
        quote!(::core::option::Option::None)
    };
    quote! {
        #(#cfgs)*
        #[doc(hidden)]
        #visibility const fn #list_function() -> ::core::option::Option<__mcp::ListQuestion<Self>> {
            #list_question
        }

        #(#cfgs)*
        #[doc(hidden)]
        #visibility fn #function<'r, __A: #(#bounds)+*>(
            &'r self,
            #given: &__A,
            #request: __mcp::Request<'r>,
        ) -> __mcp::VerdictFuture<'r> {
            #(#clones)*
            ::std::boxed::Box::pin(async move { #(#injects)* #question })
        }
    }
}

fn name_hash(ident: &Ident) -> Literal {
    Literal::u64_unsuffixed(hash(&unraw(ident)))
}

fn function_name(guard: &Ident) -> String {
    format!("__mcp_guard_{}", unraw(guard))
}

fn list_function(guard: &Ident) -> Ident {
    Ident::new(&format!("__mcp_list_guard_{}", unraw(guard)), guard.span())
}

/// Returns the names of the guards of an item, for people.
pub(super) fn names(item: &Item) -> Vec<String> {
    let names = item.guards.iter().map(|guard| match guard {
        ItemGuard::Own { name, .. } => unraw(name),
        ItemGuard::OfServer { server, name } => {
            let server = server.segments.last().map(|last| unraw(&last.ident)).unwrap_or_default();
            format!("{server}::{}", unraw(name))
        }
    });
    names.collect()
}

/// Writes the lines that make the borrowed parameters of a guard.
fn injects(guard: &Guard, request: &TokenStream, server_ty: &TokenStream) -> Vec<TokenStream> {
    let injected = guard.parameters.iter().filter_map(GuardParameter::as_injected);
    let lines = injected.map(|(ident, ty)| {
        let found = inject("GuardParameter", ty, request, server_ty);
        quote_spanned!(ty.span()=> let #ident = #found;)
    });
    lines.collect()
}

/// Writes the call of a guard, as a `Result`.
///
/// The call has the span of `name`, where rustc reports a guard that a `#[cfg]` removes.
fn question(
    guard: &Guard,
    name: &Ident,
    server: &TokenStream,
    clone: impl Fn(&Ident, &Type) -> TokenStream,
) -> TokenStream {
    let parameters = guard.parameters.iter().map(|parameter| match parameter {
        GuardParameter::Argument { ident, ty } => clone(ident, ty),
        GuardParameter::Injected { ident, .. } => ident.to_token_stream(),
    });
    let (span, output): (Span, _) = (name.span(), &guard.output);
    let awaited = guard.is_async.then(|| quote_spanned!(span=> .await));
    let call = quote_spanned!(span=> Self::#name(#server #(, #parameters)*) #awaited);
    quote_spanned!(output.span()=> <#output as __mcp::Verdict>::verdict(#call))
}
