use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Expr, ExprLit, Lit};

use super::protection::Protected;
use super::text;
use crate::model::{Argument, Parameter, Tool};
use crate::parse::Number;

/// The row of a tool in the table.
pub(super) fn row<'a>(tool: &'a Tool, protected: Option<&Protected<'a>>) -> TokenStream {
    let cfgs = &tool.cfgs;
    let name = tool.name.as_str();
    let description = text(&tool.description);
    let output = &tool.output;
    let glue = glue(tool);
    let title = tool.title.as_ref().map(|title| quote!(.title(#title)));
    let scopes = protected.map(|protected| {
        let set = protected.set_of(tool);
        quote!(.scopes(#set))
    });
    let hidden = tool.hidden.then(|| quote!(.hidden()));
    let hints = tool.hints.iter().map(|(hint, value)| {
        let hint = Ident::new(hint, Span::call_site());
        quote!(.#hint(#value))
    });
    let descriptors: Vec<_> = arguments(tool).map(descriptor).collect();
    let parameters = (!descriptors.is_empty()).then(|| quote!(.parameters(const { &[#(#descriptors),*] })));
    quote! {
        #(#cfgs)*
        __mcp::Tool::new(#name, #description, <#output as __mcp::IntoToolResult>::output_schema, #glue) #title #scopes #hidden #(#hints)* #parameters
    }
}

fn arguments(tool: &Tool) -> impl Iterator<Item = &Argument> {
    tool.parameters.iter().filter_map(|parameter| match parameter {
        Parameter::Argument(argument) => Some(&**argument),
        Parameter::Injected { .. } => None,
    })
}

/// What `tools/list` says about an argument.
fn descriptor(argument: &Argument) -> TokenStream {
    let (name, ty) = (&argument.name, &argument.ty);
    let description = argument.description.as_ref().map(|description| {
        let description = text(description);
        quote!(.description(#description))
    });
    let default = argument.default.as_ref().map(|default| match &default.json {
        Some(json) => {
            let json = text(json);
            quote!(.default_json(#json))
        }
        None => quote!(.default_computed()),
    });
    let range = argument.range.as_ref().map(|bounds| {
        let number = quote!(<#ty as __mcp::Ranged>::NUMBER);
        let json = |number: Number| text(&number.to_json());
        let minimum = super::option(bounds.minimum.map(json));
        match bounds.maximum.map(json) {
            Some(end) if !bounds.inclusive => quote!(.range_below(#number, #minimum, #end)),
            maximum => {
                let maximum = super::option(maximum);
                quote!(.range(#number, #minimum, #maximum))
            }
        }
    });
    let length = argument.length.as_ref().map(|bounds| {
        let (minimum, maximum) = (length(bounds.minimum), length(bounds.maximum));
        quote!(.length(<#ty as __mcp::Measured>::MEASURE, #minimum, #maximum))
    });
    let pattern = argument.pattern.as_ref().map(|pattern| quote!(.pattern(<#ty as __mcp::Textual>::TEXT, #pattern)));
    let header = argument.header.as_ref().map(|(_, header)| {
        let header = header.as_str();
        quote!(.header(<#ty as __mcp::Mirrored>::MIRROR, #header))
    });
    quote!(__mcp::Parameter::new::<#ty>(#name) #description #default #range #length #pattern #header)
}

/// The model has made sure that it is a whole number.
fn length(number: Option<Number>) -> TokenStream {
    super::option(number.and_then(|number| match number {
        Number::Integer(value) => usize::try_from(value).ok().map(Literal::usize_unsuffixed),
        Number::Float(_) => None,
    }))
}

/// From a call to the method and back: arguments by name and type, everything borrowed from the request.
///
/// The body of the future has the span of the method's name, because that is where rustc reports one that is not
/// `Send`. `call` is hygienic, so that a parameter may have the same name.
fn glue(tool: &Tool) -> TokenStream {
    let span = tool.method.span();
    let call = Ident::new("call", Span::mixed_site().located_at(span));
    let (method, output) = (&tool.method, &tool.output);
    let takes: Vec<_> = arguments(tool).map(|argument| take(argument, &call)).collect();
    let injects: Vec<_> = tool.parameters.iter().filter_map(|parameter| inject(parameter, &call)).collect();
    let names = tool.parameters.iter().map(|parameter| match parameter {
        Parameter::Argument(argument) => &argument.ident,
        Parameter::Injected { ident, .. } => ident,
    });
    let mutability = (!takes.is_empty()).then(|| quote!(mut));
    let awaited = tool.is_async.then(|| quote_spanned!(span=> .await));
    let invoke = quote_spanned! {span=>
        <#output as __mcp::IntoToolResult>::into_tool_result(Self::#method(#call.server #(, #names)*) #awaited)
    };
    let body = if tool.blocking {
        quote_spanned! {span=>
            #(#takes)*
            #call.blocking(move |#call| { #(#injects)* #invoke }).await
        }
    } else {
        quote_spanned!(span=> #(#takes)* #(#injects)* #invoke)
    };
    quote_spanned!(span=> |#mutability #call| ::std::boxed::Box::pin(async move { #body }))
}

fn take(argument: &Argument, call: &Ident) -> TokenStream {
    let (ident, name, ty) = (&argument.ident, &argument.name, &argument.ty);
    match &argument.default {
        None => quote_spanned!(ty.span()=> let #ident = <#ty as __mcp::Argument>::take(&mut #call, #name)?;),
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
            quote_spanned!(ty.span()=> let #ident = <#ty as __mcp::Argument>::take_or(&mut #call, #name, #default)?;)
        }
    }
}

fn inject(parameter: &Parameter, call: &Ident) -> Option<TokenStream> {
    match parameter {
        Parameter::Argument(_) => None,
        Parameter::Injected { ident, ty } => Some(
            quote_spanned!(ty.span()=> let #ident = <#ty as __mcp::FromRequest<'_, Self>>::from_request(#call.request)?;),
        ),
    }
}
