//! The table of a protected server: its document, its challenges, its scopes.

use mcp_core::{Dpop, MetadataDocument, Refusal, Scope};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::literal::{option, text};
use crate::model::Protection;

/// Writes the table of the guard. `set` is the constant of the required scopes.
pub(super) fn table(protection: &Protection, set: &Ident) -> TokenStream {
    let issuers: Vec<&str> = protection.issuers.iter().map(mcp_core::Issuer::as_str).collect();
    let required: Vec<&str> = protection.required.iter().map(Scope::as_str).collect();
    let optional: Vec<&str> = protection.optional.iter().map(Scope::as_str).collect();
    let extra: Vec<&str> = protection.extra.iter().map(Scope::as_str).collect();
    let prefix = option(protection.prefix.as_ref().map(ToString::to_string));
    let asked = protection.ask(&required);
    let resource = protection.resource.as_str();
    let origin = protection.resource.origin();
    let endpoint = protection.resource.endpoint();
    let metadata_path = protection.resource.metadata_path();
    let metadata_url = protection.resource.metadata_url();
    let document = MetadataDocument {
        resource,
        authorization_servers: &issuers,
        scopes_supported: asked.all(),
        dpop: protection.dpop,
        resource_name: protection.resource_name.as_deref(),
        resource_documentation: protection.resource_documentation.as_deref(),
    };
    let document = text(&document.to_json());
    let name = option(protection.resource_name.as_ref());
    let documentation = option(protection.resource_documentation.as_ref());
    let hierarchy = hierarchy(protection);
    let dpop = match protection.dpop {
        Dpop::Refused => quote!(Refused),
        Dpop::Accepted => quote!(Accepted),
        Dpop::Required => quote!(Required),
    };
    let challenge = |refusal: Refusal| text(&refusal.challenge(&metadata_url, &asked, protection.dpop));
    let authentication_required = challenge(Refusal::AuthenticationRequired);
    let token_expired = challenge(Refusal::TokenExpired);
    let wrong_audience = challenge(Refusal::WrongAudience);
    let invalid_request = challenge(Refusal::InvalidRequest);
    quote! {
        __mcp::DeclaredProtection {
            issuers: &[#(#issuers),*],
            resource: #resource,
            origin: #origin,
            endpoint: #endpoint,
            metadata_path: #metadata_path,
            metadata_url: #metadata_url,
            metadata_document: #document,
            resource_name: #name,
            resource_documentation: #documentation,
            required: #set,
            optional: &[#(#optional),*],
            extra: &[#(#extra),*],
            scope_prefix: #prefix,
            hierarchy: &[#(#hierarchy),*],
            dpop: __mcp::Dpop::#dpop,
            challenges: __mcp::Challenges {
                authentication_required: #authentication_required,
                token_expired: #token_expired,
                wrong_audience: #wrong_audience,
                invalid_request: #invalid_request,
            },
        }
    }
}

/// Writes each scope that broader ones include, with these.
fn hierarchy(protection: &Protection) -> impl Iterator<Item = TokenStream> {
    let scopes = protection.required.iter().chain(&protection.optional);
    scopes.filter_map(|scope| {
        let broader: Vec<&str> = protection.hierarchy.broader_than(scope).into_iter().map(Scope::as_str).collect();
        let scope = scope.as_str();
        (!broader.is_empty()).then(|| quote!((#scope, &[#(#broader),*])))
    })
}
