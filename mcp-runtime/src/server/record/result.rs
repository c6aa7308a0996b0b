//! The result of an operation.

use std::borrow::Cow;

use crate::auth::audit::RequestOutcome;

/// The result of an operation on the wire, and its outcome for the record.
pub(crate) struct OperationResult<'a> {
    pub(crate) json: Cow<'a, [u8]>,
    pub(crate) outcome: RequestOutcome,
}

impl<'a> OperationResult<'a> {
    /// Creates a result that is no error.
    pub(crate) fn ok(json: impl Into<Cow<'a, [u8]>>) -> Self {
        Self { json: json.into(), outcome: RequestOutcome::Ok }
    }
}
