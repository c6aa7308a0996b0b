//! `elicitation/create`: a question to the user, and the answer.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The answer of a user to a question.
///
/// ```
/// use mcp::{Answer, Context};
///
/// #[derive(serde::Deserialize, schemars::JsonSchema)]
/// struct Login {
///     /// Your name.
///     name: String,
/// }
///
/// async fn greet(cx: &Context) -> Result<String, mcp::Error> {
///     match cx.elicit::<Login>("login", "Who are you?").await? {
///         Answer::Accepted(login) => Ok(format!("Hello, {}", login.name)),
///         Answer::Declined => Ok("As you like".to_owned()),
///         Answer::Cancelled => Err(mcp::Error::tool("the user does not want to answer now")),
///     }
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer<T> {
    /// The user answered. For a URL, the user agreed to go there, and may not be done yet.
    Accepted(T),
    /// The user refused.
    Declined,
    /// The user closed the question without an answer.
    Cancelled,
}

impl<T> Answer<T> {
    /// Returns the content of an accepted question.
    pub fn accepted(self) -> Option<T> {
        match self {
            Self::Accepted(value) => Some(value),
            Self::Declined | Self::Cancelled => None,
        }
    }

    /// Converts the content of an accepted question.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Answer<U> {
        match self {
            Self::Accepted(value) => Answer::Accepted(f(value)),
            Self::Declined => Answer::Declined,
            Self::Cancelled => Answer::Cancelled,
        }
    }
}

/// The `params` of a form. The mode is absent, which every version allows that has one.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FormParams<'a, F> {
    pub(crate) message: &'a str,
    pub(crate) requested_schema: &'a F,
}

/// The `params` of a question on a page. Version 2025-11-25 identifies it by an id.
#[derive(Serialize)]
#[serde(tag = "mode", rename = "url", rename_all = "camelCase")]
pub(crate) struct UrlParams<'a> {
    pub(crate) message: &'a str,
    pub(crate) url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) elicitation_id: Option<&'a str>,
}

/// The result of `elicitation/create`.
#[derive(Deserialize)]
pub(crate) struct ElicitResult {
    action: Action,
    content: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    Accept,
    Decline,
    Cancel,
}

impl ElicitResult {
    /// Converts the result to an answer with the unread content of the form.
    ///
    /// A form without required fields may come back without content.
    pub(crate) fn into_answer(self) -> Answer<Map<String, Value>> {
        match self.action {
            Action::Accept => Answer::Accepted(self.content.unwrap_or_default()),
            Action::Decline => Answer::Declined,
            Action::Cancel => Answer::Cancelled,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_result_is_an_answer() {
        let read = |json: Value| serde_json::from_value::<ElicitResult>(json).map(ElicitResult::into_answer);
        let Ok(Answer::Accepted(content)) = read(json!({"action": "accept", "content": {"a": 1}, "_meta": {}})) else {
            panic!("not accepted")
        };
        assert_eq!(Value::from(content), json!({"a": 1}));
        assert_eq!(read(json!({"action": "accept"})).ok(), Some(Answer::Accepted(Map::new())));
        assert_eq!(read(json!({"action": "decline"})).ok(), Some(Answer::Declined));
        assert_eq!(read(json!({"action": "cancel", "content": null})).ok(), Some(Answer::Cancelled));
        for wrong in
            [json!({}), json!({"action": "Accept"}), json!({"action": "accept", "content": []}), json!({"action": 1})]
        {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
