//! The head and the body of a request.

pub(in crate::transport::http) mod discard;
pub(in crate::transport::http) mod headers;
pub(in crate::transport::http) mod kept;
pub(in crate::transport::http) mod origin;
pub(in crate::transport::http) mod peer;
pub(in crate::transport::http) mod read;
