//! The glue of a method: from a call to the method and back.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Expr, ExprLit, Lit, Type};

use super::guard::{asked, verdicts};
use crate::model::{Argument, Item, List, Parameter};
use crate::parse::Kind;

/// Writes the closure that takes the arguments, asks the guards, calls the method, and converts its result.
///
/// The body of the future has the span of the method's name, because rustc reports a future that is not `Send` there.
/// `call` is hygienic, so that a parameter may have the same name.
pub(super) fn glue(item: &Item, server_ty: &TokenStream) -> TokenStream {
    let result = match item.kind() {
        Kind::Tool => ("IntoToolResult", "into_tool_result"),
        Kind::Resource => ("IntoResource", "into_resource"),
        Kind::Prompt => ("IntoPromptResult", "into_prompt_result"),
        Kind::Completion => ("IntoCompletion", "into_completion"),
    };
    let invocation = Invocation {
        method: &item.method,
        span: item.method.span(),
        kind: item.kind(),
        parameters: &item.parameters,
        guarded: Some(item),
        output: &item.output,
        result,
        is_async: item.is_async,
        blocking: item.blocking,
    };
    invocation.glue(server_ty)
}

/// Writes the closure of a method that lists resources. `blocking` is that of the resource.
pub(super) fn list_glue(list: &List, blocking: bool, server_ty: &TokenStream) -> TokenStream {
    let invocation = Invocation {
        method: &list.method,
        span: list.declared.span(),
        kind: Kind::Resource,
        parameters: &list.parameters,
        guarded: None,
        output: &list.output,
        result: ("IntoResourcePage", "into_resource_page"),
        is_async: list.is_async,
        blocking: blocking && !list.is_async,
    };
    invocation.glue(server_ty)
}

/// The call of a method, with the conversions around it.
struct Invocation<'a> {
    method: &'a Ident,
    span: Span,
    kind: Kind,
    parameters: &'a [Parameter],
    /// The item whose guards are asked before the call.
    guarded: Option<&'a Item>,
    output: &'a Type,
    /// The trait that converts the result, and its function.
    result: (&'static str, &'static str),
    is_async: bool,
    blocking: bool,
}

impl Invocation<'_> {
    fn glue(&self, server_ty: &TokenStream) -> TokenStream {
        let Self { method, span, output, result: (into, convert), .. } = *self;
        let call = Ident::new("call", Span::mixed_site().located_at(span));
        let (into, convert) = (Ident::new(into, span), Ident::new(convert, span));
        let arguments = self.parameters.iter().filter_map(Parameter::as_argument);
        let takes: Vec<_> = arguments.map(|argument| take(self.kind, argument, &call)).collect();
        let verdicts: TokenStream =
            self.guarded.into_iter().flat_map(|item| verdicts(item, &call, server_ty)).collect();
        let injected: Vec<(&Ident, &Type)> = self.parameters.iter().filter_map(Parameter::as_injected).collect();
        let decided = self.guarded.is_none_or(Item::has_verdict).then(|| quote_spanned!(span=> #call.decided();));
        let names = self.parameters.iter().map(|parameter| match parameter {
            Parameter::Argument(argument) => &argument.ident,
            Parameter::Injected { ident, .. } => ident,
        });
        let mutability = (!takes.is_empty()).then(|| quote!(mut));
        let awaited = self.is_async.then(|| quote_spanned!(span=> .await));
        // Qualified with the type that is written, so that rustc reports that one, with the message of the trait.
        let invoke = quote_spanned! {span=>
            <#output as __mcp::#into>::#convert(
                __mcp::Output::<#output>::NEW.check(Self::#method(#call.server #(, #names)*) #awaited)?
            )
        };
        let request = quote!(#call.request());
        let body = if self.blocking {
            // The thread can't wait for what comes from the request, so that is made before.
            let made = injected.iter().map(|(_, ty)| inject("Injected", ty, &request, server_ty));
            let found = injected.iter().map(|(ident, ty)| {
                quote_spanned! {ty.span()=>
                    let #ident = <#ty as __mcp::Injected<'_, #server_ty>>::injected(#request)?;
                }
            });
            quote_spanned! {span=>
                #(#takes)*
                #verdicts
                #(#made;)*
                #decided
                #call.blocking(::std::boxed::Box::new(move |#call| { #(#found)* #invoke })).await
            }
        } else {
            let injects = injected.iter().map(|(ident, ty)| {
                let made = inject("Injected", ty, &request, server_ty);
                quote_spanned!(ty.span()=> let #ident = #made;)
            });
            quote_spanned!(span=> #(#takes)* #verdicts #(#injects)* #decided #invoke)
        };
        quote_spanned!(span=> |#mutability #call| ::std::boxed::Box::pin(async move { #body }))
    }
}

/// Writes the closure that only asks the guards of an item.
pub(super) fn guard_glue(item: &Item, server_ty: &TokenStream) -> TokenStream {
    let span = item.method.span();
    let call = Ident::new("call", Span::mixed_site().located_at(span));
    let takes: Vec<_> = asked(item).into_iter().map(|argument| take(item.kind(), argument, &call)).collect();
    let verdicts = verdicts(item, &call, server_ty);
    let mutability = (!takes.is_empty()).then(|| quote!(mut));
    quote_spanned! {span=>
        |#mutability #call| ::std::boxed::Box::pin(async move { #(#takes)* #(#verdicts)* __mcp::allowed() })
    }
}

/// Writes the line that takes an argument.
///
/// The call is qualified, so that rustc reports the type with the message of the trait.
fn take(kind: Kind, argument: &Argument, call: &Ident) -> TokenStream {
    let (ident, name, ty) = (&argument.ident, &argument.name, &argument.ty);
    let reader = match kind {
        Kind::Tool => quote!(Argument),
        Kind::Resource | Kind::Prompt | Kind::Completion => quote!(TextArgument),
    };
    match &argument.default {
        None if argument.may_be_absent => quote_spanned! {ty.span()=>
            let #ident = <#ty as __mcp::OptionalTextArgument>::take(&mut #call.arguments, #name)?;
        },
        None => quote_spanned!(ty.span()=> let #ident = <#ty as __mcp::#reader>::take(&mut #call.arguments, #name)?;),
        Some(default) => {
            let value = &default.value;
            let value = match value {
                // A text literal is borrowed, and the parameter is not.
                Expr::Lit(ExprLit { lit: Lit::Str(_), .. }) => {
                    quote_spanned!(value.span()=> __mcp::FromText::from_text(#value))
                }
                value => value.to_token_stream(),
            };
            // Not with the span of the user's code, where clippy would find a closure that could be left out.
            let default = quote!(|| #value);
            quote_spanned!(ty.span()=> let #ident = <#ty as __mcp::#reader>::take_or(&mut #call.arguments, #name, #default)?;)
        }
    }
}

/// Writes the expression that makes a borrowed parameter, of a method (`Injected`) or a guard (`GuardParameter`).
///
/// It is qualified, so that rustc reports a type that no request carries with the message of the trait.
pub(super) fn inject(of: &str, ty: &Type, request: &TokenStream, server_ty: &TokenStream) -> TokenStream {
    let of = Ident::new(of, ty.span());
    quote_spanned!(ty.span()=> <#ty as __mcp::#of<'_, #server_ty>>::inject(#request).await?)
}
