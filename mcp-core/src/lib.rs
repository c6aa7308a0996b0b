//! The rules of the `mcp` framework, without dependencies.
//!
//! This crate is an implementation detail of `mcp`; use that one. The macros apply the rules while they expand, and the
//! runtime applies the same rules to values that are replaced at start.
//!
//! Most types are values that only exist if they are valid:
//!
//! - authorization: [`Issuer`], [`Resource`], [`Scope`], [`ScopePrefix`], [`Hierarchy`], [`Dpop`], [`TargetUri`];
//! - resources: [`ResourceUri`], [`NormalUri`], [`UriTemplate`];
//! - details of items: [`Name`], [`Rate`], [`ParameterHeader`], [`MediaType`], [`Timestamp`], [`MetaKey`], [`IconSource`],
//!   [`IconSize`].
//!
//! The others are made from such values:
//!
//! - texts on the wire: [`MetadataDocument`], [`Refusal`], [`OperationScopes`];
//! - comparisons of URIs: [`UriIndex`], [`TemplateConflict`].
//!
//! The constants of a target are checked where they are written: [`target_resource_mistake`] and its like.

mod decoded_uri;
mod dpop;
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
mod rate;
mod refusal;
mod resource;
mod resource_uri;
mod scope;
mod scope_names;
mod scope_prefix;
mod suggest;
mod target;
mod target_uri;
mod template_conflict;
mod timestamp;
mod uri_index;
mod uri_pattern;
mod uri_template;
mod url;

pub use dpop::{Dpop, DpopError};
pub use header::{ParameterHeader, ParameterHeaderError, is_token_char};
pub use hierarchy::{Cycle, Hierarchy};
pub use icon::{IconError, IconSize, IconSource};
pub use issuer::Issuer;
pub use json::json_string;
pub use media_type::{MediaType, MediaTypeError};
pub use meta_key::{MetaKey, MetaKeyError};
pub use metadata::MetadataDocument;
pub use name::{Name, NameError};
pub use rate::{Rate, RateError, RateUnit};
pub use refusal::Refusal;
pub use resource::{IssuerConflict, Resource};
pub use resource_uri::{NormalUri, ResourceUri, ResourceUriError};
pub use scope::{Scope, ScopeError, listed_scopes};
pub use scope_names::{OperationScopes, ScopeNames};
pub use scope_prefix::{ScopePrefix, ScopePrefixError};
pub use suggest::closest;
pub use target::{target_audience_mistake, target_resource_mistake, target_scope_mistake};
pub use target_uri::TargetUri;
pub use template_conflict::TemplateConflict;
pub use timestamp::{Timestamp, TimestampError};
pub use uri_index::{UriIndex, UriMatch};
pub use uri_template::{ExpansionError, UriTemplate, UriTemplateError, Variable};
pub use url::{UrlError, documentation_url, is_loopback};
