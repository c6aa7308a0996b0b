//! The rules of the `mcp` framework, without dependencies.
//!
//! Everything here is either a value that can only exist valid ([`Issuer`], [`Resource`], [`Scope`], [`ScopePrefix`],
//! [`Hierarchy`], [`Name`], [`ParameterHeader`], [`ResourceUri`], [`NormalUri`], [`UriTemplate`], [`MediaType`], [`Timestamp`],
//! [`MetaKey`], [`IconSource`], [`IconSize`]) or something made from such values ([`MetadataDocument`], [`Refusal`],
//! [`UriIndex`], [`TakenUris`]). The macros call it while they expand, the runtime calls it when a value is replaced at
//! start: one rule, one place.
//!
//! This crate is an implementation detail of `mcp`; use that one.

mod decoded_uri;
mod header;
mod hierarchy;
mod icon;
mod issuer;
mod json;
mod lookalike;
mod media_type;
mod meta_key;
mod metadata;
mod name;
mod placeholder;
mod refusal;
mod resource;
mod resource_uri;
mod scope;
mod scope_names;
mod scope_prefix;
mod suggest;
mod taken_uris;
mod timestamp;
mod uri_index;
mod uri_pattern;
mod uri_template;
mod url;

pub use header::{ParameterHeader, ParameterHeaderError, is_token_char};
pub use hierarchy::{Cycle, Hierarchy};
pub use icon::{IconError, IconSize, IconSource};
pub use issuer::Issuer;
pub use json::json_string;
pub use media_type::{MediaType, MediaTypeError};
pub use meta_key::{MetaKey, MetaKeyError};
pub use metadata::MetadataDocument;
pub use name::{Name, NameError};
pub use refusal::Refusal;
pub use resource::{Resource, SamePlace};
pub use resource_uri::{NormalUri, ResourceUri, ResourceUriError};
pub use scope::{Scope, ScopeError, listed_scopes};
pub use scope_names::{AskedScopes, ScopeNames};
pub use scope_prefix::{ScopePrefix, ScopePrefixError};
pub use suggest::closest;
pub use taken_uris::TakenUris;
pub use timestamp::{Timestamp, TimestampError};
pub use uri_index::{UriIndex, UriMatch};
pub use uri_template::{UriTemplate, UriTemplateError, Variable};
pub use url::{UrlError, documentation_url, is_loopback};
