//! The rules of the `mcp` framework, without dependencies.
//!
//! Everything here is either a value that can only exist valid ([`Issuer`], [`Resource`], [`Scope`],
//! [`ToolName`], [`ParameterHeader`], [`Hierarchy`]) or a text made from such values ([`MetadataDocument`], [`Refusal`]). The macros
//! call it while they expand, the runtime calls it when a value is replaced at start: one rule, one place.
//!
//! This crate is an implementation detail of `mcp`; use that one.

mod header;
mod hierarchy;
mod issuer;
mod json;
mod metadata;
mod refusal;
mod resource;
mod scope;
mod suggest;
mod tool_name;
mod url;

pub use header::{ParameterHeader, ParameterHeaderError, is_token_char};
pub use hierarchy::{Cycle, Hierarchy};
pub use issuer::Issuer;
pub use json::json_string;
pub use metadata::MetadataDocument;
pub use refusal::Refusal;
pub use resource::Resource;
pub use scope::{Scope, ScopeError};
pub use suggest::closest;
pub use tool_name::{ToolName, ToolNameError};
pub use url::{UrlError, documentation_url, is_loopback};
