//! `notifications/progress`: the progress of a request.

use serde::Serialize;
use serde_json::value::RawValue;

/// The progress of a request.
///
/// The unit is yours: files, bytes, percent. A number alone is enough, and turns into one.
///
/// ```
/// use mcp::{Context, Progress};
///
/// fn report(cx: &Context) {
///     cx.progress(1.0);
///     cx.progress(Progress::new(2.0).total(3.0).message("Compiling"));
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Progress {
    /// The part that is done.
    pub progress: f64,
    /// The whole, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<f64>,
    /// A message for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl Progress {
    /// Makes a report that this much is done.
    #[must_use]
    pub fn new(progress: f64) -> Self {
        Self { progress, total: None, message: None }
    }

    /// Sets the whole.
    #[must_use]
    pub fn total(mut self, total: f64) -> Self {
        self.total = Some(total);
        self
    }

    /// Sets a message for people.
    #[must_use]
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// Returns `true` if there is a JSON form, which infinity and NaN don't have.
    pub(crate) fn is_finite(&self) -> bool {
        self.progress.is_finite() && self.total.is_none_or(f64::is_finite)
    }
}

impl From<f64> for Progress {
    fn from(progress: f64) -> Self {
        Self::new(progress)
    }
}

/// The `params` of `notifications/progress`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProgressParams<'a> {
    /// A text or a number, exactly as the client gave it.
    pub(crate) progress_token: &'a RawValue,
    #[serde(flatten)]
    pub(crate) progress: &'a Progress,
}
