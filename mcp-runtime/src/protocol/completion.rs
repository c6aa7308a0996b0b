//! The result of `completion/complete`.

use serde::Serialize;

use super::response::ResultBody;

/// The most values that an answer may have.
const MAX_VALUES: usize = 100;

/// What could be meant by what was typed so far.
///
/// Methods rarely build one; every return type is turned into it by [`IntoCompletion`](crate::IntoCompletion). An
/// answer has at most 100 values: what is more is left out, and the client is told that there is more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Completion {
    /// The values, best first.
    pub values: Vec<String>,
    /// How many there are altogether, if that is known.
    pub total: Option<u64>,
    /// Whether there are more than these.
    pub has_more: bool,
}

impl Completion {
    /// All values that there are.
    pub fn new<T: Into<String>>(values: impl IntoIterator<Item = T>) -> Self {
        Self { values: values.into_iter().map(Into::into).collect(), total: None, has_more: false }
    }

    /// Says how many there are altogether.
    #[must_use]
    pub fn total(mut self, total: u64) -> Self {
        self.total = Some(total);
        self
    }

    /// Says that there are more than these.
    #[must_use]
    pub fn has_more(mut self) -> Self {
        self.has_more = true;
        self
    }

    /// Writes the result.
    pub(crate) fn write(&self) -> ResultBody {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Values<'a> {
            values: &'a [String],
            #[serde(skip_serializing_if = "Option::is_none")]
            total: Option<u64>,
            has_more: bool,
        }
        let values = &self.values[..self.values.len().min(MAX_VALUES)];
        let cut = values.len() < self.values.len();
        let total = self.total.or_else(|| (!self.has_more).then_some(self.values.len() as u64));
        let mut body = ResultBody::new();
        body.member("completion", &Values { values, total, has_more: self.has_more || cut });
        body
    }
}
