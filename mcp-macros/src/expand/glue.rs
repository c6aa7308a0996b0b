//! The glue of a method: from a call to the method and back.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Expr, ExprLit, Lit, Type};

use crate::model::{Argument, Item, List, Parameter};
use crate::parse::Kind;

/// Writes the closure that takes the arguments, calls the method, and converts its result.
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
        let injects: Vec<_> =
            self.parameters.iter().filter_map(|parameter| inject(parameter, &call, server_ty)).collect();
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
        let body = if self.blocking {
            quote_spanned! {span=>
                #(#takes)*
                #call.blocking(::std::boxed::Box::new(move |#call| { #(#injects)* #invoke })).await
            }
        } else {
            quote_spanned!(span=> #(#takes)* #(#injects)* #invoke)
        };
        quote_spanned!(span=> |#mutability #call| ::std::boxed::Box::pin(async move { #body }))
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

fn inject(parameter: &Parameter, call: &Ident, server_ty: &TokenStream) -> Option<TokenStream> {
    match parameter {
        Parameter::Argument(_) => None,
        // Qualified, so that rustc reports a type that no request carries with the message of the trait.
        Parameter::Injected { ident, ty } => Some(quote_spanned! {ty.span()=>
            let #ident = <#ty as __mcp::FromRequest<'_, #server_ty>>::from_request(#call.request)?;
        }),
    }
}
