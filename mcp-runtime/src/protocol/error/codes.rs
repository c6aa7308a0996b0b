//! The codes of errors.

/// An error code of JSON-RPC 2.0 §5.1.
pub(crate) const PARSE_ERROR: i32 = -32700;
/// An error code of JSON-RPC 2.0 §5.1.
pub(crate) const INVALID_REQUEST: i32 = -32600;
/// An error code of JSON-RPC 2.0 §5.1.
pub(crate) const METHOD_NOT_FOUND: i32 = -32601;
/// An error code of JSON-RPC 2.0 §5.1.
pub(crate) const INVALID_PARAMS: i32 = -32602;
/// An error code of JSON-RPC 2.0 §5.1.
pub(crate) const INTERNAL_ERROR: i32 = -32603;
/// The status of a denial (RFC 9110 §15.5.4), as an error code.
pub(super) const FORBIDDEN: i32 = 403;
/// The status of a request that failed for a reason in words (RFC 9110 §15.5.21), as an error code.
pub(super) const UNPROCESSABLE: i32 = 422;
/// The status of a caller that has to wait (RFC 6585 §4), as an error code.
pub(super) const TOO_MANY_REQUESTS: i32 = 429;
/// The status of a request that can't be decided about (RFC 9110 §15.6.4), as an error code.
pub(super) const UNAVAILABLE: i32 = 503;
/// The status of a request that took too long (RFC 9110 §15.6.5), as an error code.
pub(super) const GATEWAY_TIMEOUT: i32 = 504;
/// An error code of MCP 2025-11-25, resources, "Error Handling".
pub(super) const RESOURCE_NOT_FOUND: i32 = -32002;
/// An error code of MCP 2026-07-28, basic, "Error Codes".
pub(crate) const HEADER_MISMATCH: i32 = -32020;
/// An error code of MCP 2026-07-28, basic, "Error Codes".
pub(crate) const MISSING_CAPABILITY: i32 = -32021;
/// An error code of MCP 2026-07-28, basic, "Error Codes".
pub(crate) const UNSUPPORTED_PROTOCOL_VERSION: i32 = -32022;
