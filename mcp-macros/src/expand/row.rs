//! The rows of the tables: one for each item.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned as _;

use super::glue::{glue, guard_glue, list_glue};
use super::guard::{self, list_guards};
use super::literal::{self, text};
use super::scopes::Scopes;
use crate::model::{Argument, Icon, Item, ItemKind, Parameter, Resource, Tool};
use crate::parse::{Description, Kind, Number, Task};

/// Writes the row of an item in the table of its kind.
pub(super) fn row(item: &Item, scopes: &Scopes<'_>, server_ty: &TokenStream) -> TokenStream {
    let glue = glue(item, server_ty);
    let row = match &item.specific {
        ItemKind::Tool(tool) => tool_row(item, tool, &glue),
        ItemKind::Resource(resource) => resource_row(item, resource, &glue, server_ty),
        ItemKind::Prompt => prompt_row(item, &glue),
        ItemKind::Completion(completion) => {
            let (target, argument) = (&completion.target, &completion.argument);
            let takes = takes("takes", item.injected(), server_ty);
            match completion.of {
                Kind::Resource => quote!(__mcp::Completion::of_resource(#target, #argument, #glue) #takes),
                _ => quote!(__mcp::Completion::of_prompt(#target, #argument, #glue) #takes),
            }
        }
    };
    let offer = (item.kind() != Kind::Completion).then(|| offer(item, scopes, server_ty));
    let timeout = item.timeout.map(timeout);
    let blocking = item.blocking.then(|| quote!(.blocking()));
    let cfgs = &item.cfgs;
    quote!(#(#cfgs)* #row #offer #timeout #blocking)
}

/// Writes a time limit.
pub(super) fn timeout(milliseconds: u64) -> TokenStream {
    let milliseconds = Literal::u64_unsuffixed(milliseconds);
    quote!(.timeout_ms(#milliseconds))
}

/// Writes the builder calls that the rows of all kinds have.
fn offer(item: &Item, scopes: &Scopes<'_>, server_ty: &TokenStream) -> TokenStream {
    let title = item.title.as_ref().map(|title| quote!(.title(#title)));
    let scopes = scopes.of(item);
    let takes = takes("takes", item.injected(), server_ty);
    let guards = (!item.guards.is_empty()).then(|| {
        let names = guard::names(item);
        quote!(.guarded_by(&[#(#names),*]))
    });
    let hidden = item.hidden.as_ref().map(|_| quote!(.hidden()));
    let rate = item.rate.map(|rate| {
        let rate = literal::rate(rate);
        quote!(.rate(#rate))
    });
    let list_guards = item.is_in_guarded_list().then(|| list_guards(item, server_ty));
    let icons = icons(&item.icons);
    let meta = item.meta.as_ref().map(|meta| {
        let meta = text(meta);
        quote!(.meta(#meta))
    });
    quote!(#title #scopes #takes #guards #hidden #list_guards #rate #icons #meta)
}

/// Writes the builder call `name` with the parts of the request that a method takes, if there are any.
fn takes<'a>(
    name: &str,
    injected: impl Iterator<Item = (&'a Ident, &'a Type)>,
    server_ty: &TokenStream,
) -> Option<TokenStream> {
    let name = Ident::new(name, Span::call_site());
    let parts: Vec<_> =
        injected.map(|(_, ty)| quote_spanned!(ty.span()=> <#ty as __mcp::Injected<'_, #server_ty>>::PART)).collect();
    (!parts.is_empty()).then(|| quote!(.#name(const { &[#(#parts),*] })))
}

fn tool_row(item: &Item, tool: &Tool, glue: &TokenStream) -> TokenStream {
    let name = &item.name;
    let description = item.description.as_ref().map_or_else(|| text(""), described);
    let output = &item.output;
    let hints = tool.hints.iter().map(|(hint, value)| {
        let hint = Ident::new(hint, Span::call_site());
        quote!(.#hint(#value))
    });
    let task = tool.task.map(|task| match task {
        Task::Optional => quote!(.task(__mcp::TaskSupport::Optional)),
        Task::Required => quote!(.task(__mcp::TaskSupport::Required)),
    });
    let parameters: Vec<_> = item.arguments().map(parameter).collect();
    let parameters = (!parameters.is_empty()).then(|| quote!(.parameters(const { &[#(#parameters),*] })));
    let input_schema = tool.input_schema.as_ref().map(|schema| {
        let schema = text(schema);
        quote!(.input_schema(#schema))
    });
    quote! {
        __mcp::Tool::new(#name, #description, <#output as __mcp::IntoToolResult>::output_schema, #glue)
            #(#hints)* #task #parameters #input_schema
    }
}

fn resource_row(item: &Item, resource: &Resource, glue: &TokenStream, server_ty: &TokenStream) -> TokenStream {
    let (uri, name) = (resource.uri.as_str(), &item.name);
    let description = item.description.as_ref().map(|description| {
        let description = described(description);
        quote!(.description(#description))
    });
    let mime_type = resource.mime_type.as_ref().map(|mime_type| {
        let mime_type = text(mime_type);
        quote!(.mime_type(#mime_type))
    });
    let size = resource.size.map(|size| {
        let size = Literal::u64_unsuffixed(size);
        quote!(.size(#size))
    });
    let audience = (!resource.audience.is_empty()).then(|| {
        let audience = &resource.audience;
        quote!(.audience(&[#(#audience),*]))
    });
    let priority = resource.priority.map(|priority| {
        let priority = Literal::f64_unsuffixed(priority);
        quote!(.priority(#priority))
    });
    let last_modified = resource.last_modified.as_ref().map(|timestamp| quote!(.last_modified(#timestamp)));
    let ttl_ms = resource.ttl_ms.map(|ttl| {
        let ttl = Literal::u64_unsuffixed(ttl);
        quote!(.ttl_ms(#ttl))
    });
    let list = resource.list.as_ref().map(|list| {
        let glue = list_glue(list, item.blocking, server_ty);
        let takes = takes("list_takes", list.parameters.iter().filter_map(Parameter::as_injected), server_ty);
        match list.cursor() {
            Some(_) => quote!(.list_by_cursor(#glue) #takes),
            None => quote!(.list(#glue) #takes),
        }
    });
    let guard = (!item.guards.is_empty()).then(|| {
        let glue = guard_glue(item, server_ty);
        quote!(.guard(#glue))
    });
    quote! {
        __mcp::Resource::new(#uri, #name, #glue)
            #description #mime_type #size #audience #priority #last_modified #ttl_ms #list #guard
    }
}

fn prompt_row(item: &Item, glue: &TokenStream) -> TokenStream {
    let name = &item.name;
    let description = item.description.as_ref().map_or_else(|| text(""), described);
    let arguments: Vec<_> = item.arguments().map(prompt_argument).collect();
    let arguments = (!arguments.is_empty()).then(|| quote!(.arguments(const { &[#(#arguments),*] })));
    quote!(__mcp::Prompt::new(#name, #description, #glue) #arguments)
}

/// Writes an argument of a prompt.
fn prompt_argument(argument: &Argument) -> TokenStream {
    let (name, ty) = (&argument.name, &argument.ty);
    let description = description(argument);
    let default = argument.default.as_ref().map(|_| quote!(.with_default()));
    // With the span of the type, so that rustc reports once what it also finds where the argument is taken.
    let new = quote_spanned!(ty.span()=> __mcp::PromptArgument::new(#name, <#ty as __mcp::TextArgument>::is_optional));
    quote!(#new #description #default)
}

/// Writes a parameter of a tool.
fn parameter(argument: &Argument) -> TokenStream {
    let (name, ty) = (&argument.name, &argument.ty);
    let description = description(argument);
    let default = argument.default.as_ref().map(|default| match &default.json {
        Some(json) => {
            let json = text(json);
            quote!(.default_json(#json))
        }
        None => quote!(.default_computed()),
    });
    // Qualified paths, so that rustc reports a type that a constraint does not fit with the message of the trait.
    let range = argument.range.as_ref().map(|bounds| {
        let json = |number: Number| text(&number.to_json());
        let min = bounds.minimum.map(json).map(|minimum| quote!(.min(#minimum)));
        let max = Ident::new(if bounds.inclusive { "max" } else { "below" }, Span::call_site());
        let max = bounds.maximum.map(json).map(|maximum| quote!(.#max(#maximum)));
        quote!(.range(<#ty as __mcp::Ranged>::RANGE #min #max))
    });
    let length = argument.length.as_ref().map(|bounds| {
        let min = bounds.minimum.and_then(length).map(|minimum| quote!(.min(#minimum)));
        let max = bounds.maximum.and_then(length).map(|maximum| quote!(.max(#maximum)));
        quote!(.length(<#ty as __mcp::Measured>::LENGTH #min #max))
    });
    let pattern = argument.pattern.as_ref().map(|pattern| quote!(.pattern(<#ty as __mcp::Textual>::TEXT, #pattern)));
    let header = argument.header.as_ref().map(|(_, header)| {
        let header = header.as_str();
        quote!(.header(<#ty as __mcp::Mirrored>::MIRROR, #header))
    });
    // With the span of the type, so that rustc reports once what it also finds where the argument is taken.
    let new = quote_spanned!(ty.span()=> __mcp::Parameter::new(#name, <#ty as __mcp::Argument>::TYPE));
    quote!(#new #description #default #range #length #pattern #header)
}

fn description(argument: &Argument) -> Option<TokenStream> {
    argument.description.as_ref().map(|description| {
        let description = described(description);
        quote!(.description(#description))
    })
}

/// Writes a description.
///
/// A computed one is a constant, so that rustc trims it and refuses an empty one.
fn described(description: &Description) -> TokenStream {
    let parts = match description {
        Description::Literal(literal) => return text(literal),
        Description::Computed(parts) => parts,
    };
    let mut lines: Vec<TokenStream> = Vec::new();
    for part in parts {
        lines.extend((!lines.is_empty()).then(|| quote!("\n")));
        lines.push(part.clone());
    }
    let span = parts.first().map_or_else(Span::call_site, syn::spanned::Spanned::span);
    quote_spanned! {span=>
        {
            const TEXT: &str = ::core::concat!(#(#lines),*).trim_ascii();
            const _: () = ::core::assert!(!TEXT.is_empty(), "this description is empty; write what clients are to see");
            TEXT
        }
    }
}

/// Writes a length, which is an integer in a checked model.
fn length(number: Number) -> Option<Literal> {
    match number {
        Number::Integer(value) => usize::try_from(value).ok().map(Literal::usize_unsuffixed),
        Number::Float(_) => None,
    }
}

/// Writes `.icons(…)`, if there are any.
pub(super) fn icons(icons: &[Icon]) -> Option<TokenStream> {
    let rows = icons.iter().map(|icon| {
        let src = &icon.src;
        let mime_type = icon.mime_type.as_ref().map(|mime_type| quote!(.mime_type(#mime_type)));
        let sizes = (!icon.sizes.is_empty()).then(|| {
            let sizes = &icon.sizes;
            quote!(.sizes(&[#(#sizes),*]))
        });
        let theme = icon.theme.as_ref().map(|theme| quote!(.theme(#theme)));
        quote!(__mcp::Icon::new(#src) #mime_type #sizes #theme)
    });
    (!icons.is_empty()).then(|| quote!(.icons(const { &[#(#rows),*] })))
}
