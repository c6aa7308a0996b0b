//! MCP servers that are OAuth 2.1 resource servers.

pub use mcp_macros::{server, tool};
pub use mcp_runtime::*;
#[doc(hidden)]
pub use mcp_runtime::__private;
