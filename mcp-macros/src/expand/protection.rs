use mcp_core::{MetadataDocument, Refusal, Scope};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use super::{option, text};
use crate::model::{Protection, Server, Tool};

/// A protection with the scope sets that its tools need.
pub(super) struct Protected<'a> {
    protection: &'a Protection,
    /// All scopes of an operation; the first set is what every request needs.
    sets: Vec<Vec<&'a Scope>>,
}

impl<'a> Protected<'a> {
    pub(super) fn new(protection: &'a Protection, server: &'a Server) -> Self {
        let mut this = Self { protection, sets: vec![protection.required.iter().collect()] };
        for tool in &server.tools {
            let needed = this.needed(tool);
            if !this.sets.contains(&needed) {
                this.sets.push(needed);
            }
        }
        this
    }

    /// The scopes of the server, then those of the tool: a client that lacks one is told all of them at once.
    fn needed(&self, tool: &'a Tool) -> Vec<&'a Scope> {
        let required = &self.protection.required;
        required.iter().chain(tool.scopes.iter().filter(|scope| !required.contains(scope))).collect()
    }

    /// The constant that holds the scopes of a tool. One that is not there would not compile.
    pub(super) fn set_of(&self, tool: &'a Tool) -> Ident {
        let needed = self.needed(tool);
        set_name(self.sets.iter().take_while(|set| **set != needed).count())
    }

    pub(super) fn scope_sets(&self) -> TokenStream {
        let url = self.protection.resource.metadata_url();
        let sets = self.sets.iter().enumerate().map(|(index, set)| {
            let name = set_name(index);
            let scopes: Vec<&str> = set.iter().map(|scope| scope.as_str()).collect();
            let challenge = text(&Refusal::InsufficientScope.challenge(&url, &scopes));
            let body = text(&Refusal::InsufficientScope.body(&scopes));
            quote! {
                const #name: &__mcp::ScopeSet = &__mcp::ScopeSet {
                    scopes: &[#(#scopes),*],
                    challenge: #challenge,
                    body: #body,
                };
            }
        });
        quote!(#(#sets)*)
    }

    /// The table that the guard works from.
    pub(super) fn table(&self) -> TokenStream {
        let protection = self.protection;
        let issuers: Vec<&str> = protection.issuers.iter().map(mcp_core::Issuer::as_str).collect();
        let required: Vec<&str> = protection.required.iter().map(Scope::as_str).collect();
        let resource = protection.resource.as_str();
        let origin = protection.resource.origin();
        let endpoint = protection.resource.endpoint();
        let metadata_path = protection.resource.metadata_path();
        let metadata_url = protection.resource.metadata_url();
        let document = MetadataDocument {
            resource,
            authorization_servers: &issuers,
            scopes_supported: &required,
            resource_name: protection.resource_name.as_deref(),
            resource_documentation: protection.resource_documentation.as_deref(),
        };
        let document = text(&document.to_json());
        let name = option(protection.resource_name.as_ref());
        let documentation = option(protection.resource_documentation.as_ref());
        let set = set_name(0);
        let hierarchy = self.hierarchy();
        let challenge = |refusal: Refusal| text(&refusal.challenge(&metadata_url, &required));
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
                hierarchy: &[#(#hierarchy),*],
                challenges: __mcp::Challenges {
                    authentication_required: #authentication_required,
                    token_expired: #token_expired,
                    wrong_audience: #wrong_audience,
                    invalid_request: #invalid_request,
                },
            }
        }
    }

    /// Each scope that broader ones include, with those.
    fn hierarchy(&self) -> impl Iterator<Item = TokenStream> {
        let scopes = self.protection.required.iter().chain(&self.protection.optional);
        scopes.filter_map(|scope| {
            let broader = self.protection.hierarchy.broader_than(scope);
            let (scope, broader) = (scope.as_str(), broader.iter().map(|scope| scope.as_str()));
            let broader: Vec<&str> = broader.collect();
            (!broader.is_empty()).then(|| quote!((#scope, &[#(#broader),*])))
        })
    }
}

fn set_name(index: usize) -> Ident {
    format_ident!("__SCOPES_{index}", span = Span::call_site())
}
