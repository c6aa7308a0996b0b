//! JSON-RPC and MCP on the wire, with a file per feature.

pub(crate) mod client;
pub(crate) mod completion;
pub(crate) mod content;
pub(crate) mod denied;
pub(crate) mod elicitation;
pub(crate) mod error;
pub(crate) mod icon;
pub(crate) mod logging;
pub(crate) mod message;
pub(crate) mod params;
pub(crate) mod progress;
pub(crate) mod prompts;
pub(crate) mod resource_page;
pub(crate) mod resources;
pub(crate) mod response;
pub(crate) mod result_meta;
pub(crate) mod roots;
pub(crate) mod sampling;
pub(crate) mod timestamp;
pub(crate) mod tools;
pub(crate) mod version;
