//! The result of `completion/complete`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::response::ResultBody;

/// Limits the values of one completion (MCP, completion).
const MAX_VALUES: usize = 100;

/// The values that complete a text.
///
/// Methods rarely build one: every return type is converted to it by [`IntoCompletion`](crate::IntoCompletion). An
/// answer has at most 100 values: further ones are dropped, and the client is informed that there are more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Completion {
    /// The values, best first.
    pub values: Vec<String>,
    /// The number of all values, if it is known.
    #[serde(default)]
    pub total: Option<u64>,
    /// Set if there are further values.
    #[serde(default)]
    pub has_more: bool,
}

impl Completion {
    /// Creates a completion of all values.
    pub fn new<T: Into<String>>(values: impl IntoIterator<Item = T>) -> Self {
        Self { values: values.into_iter().map(Into::into).collect(), total: None, has_more: false }
    }

    /// Sets the number of all values.
    #[must_use]
    pub fn total(mut self, total: u64) -> Self {
        self.total = Some(total);
        self
    }

    /// Announces further values.
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

/// The result of `completion/complete`, as clients for tests read it.
#[derive(Deserialize)]
pub(crate) struct CompletionResult {
    pub(crate) completion: Completion,
}

/// Returns the params that complete an argument of a prompt.
pub(crate) fn prompt_params(prompt: &str, argument: &str, value: &str) -> Value {
    json!({"ref": {"type": "ref/prompt", "name": prompt}, "argument": {"name": argument, "value": value}})
}

/// Returns the params that complete a variable of a template.
pub(crate) fn template_params(template: &str, variable: &str, value: &str) -> Value {
    json!({"ref": {"type": "ref/resource", "uri": template}, "argument": {"name": variable, "value": value}})
}
