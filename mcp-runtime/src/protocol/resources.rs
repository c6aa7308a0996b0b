//! The definitions of resources and templates, and the result of `resources/read`.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::content::{ResourceBody, ResourceContents};
use super::icon::Icon;
use super::response::ResultBody;
use super::result_meta::own_members;

/// The content of a resource, in one piece or several.
///
/// Methods rarely build one; every return type is turned into it by [`IntoResource`](crate::IntoResource).
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct ReadResult {
    /// The pieces. One without a URI gets the URI of the request.
    pub contents: Vec<ResourceContents>,
    /// The type of pieces without one, if the resource has none either.
    #[serde(skip)]
    mime_type: Option<&'static str>,
    /// The `_meta` of the result, without the members of the protocol. Its keys are like `com.example/cost`.
    #[serde(default, rename = "_meta", deserialize_with = "own_members")]
    pub meta: Map<String, Value>,
}

impl ReadResult {
    /// Makes a result of these pieces.
    #[must_use]
    pub fn new(contents: Vec<ResourceContents>) -> Self {
        Self { contents, ..Self::default() }
    }

    /// Returns the text of all pieces that are text, joined by newlines.
    #[must_use]
    pub fn text(&self) -> String {
        let texts = self.contents.iter().filter_map(|contents| match &contents.body {
            ResourceBody::Text { text } => Some(text.as_str()),
            ResourceBody::Blob { .. } => None,
        });
        texts.collect::<Vec<_>>().join("\n")
    }

    /// Makes a result of one JSON text.
    pub(crate) fn json(text: &str) -> Self {
        Self { mime_type: Some("application/json"), ..Self::new(vec![ResourceContents::text(text)]) }
    }

    /// Writes the result of reading `uri`; `mime_type` is for pieces without one.
    pub(crate) fn write(mut self, uri: &str, mime_type: Option<&str>) -> ResultBody {
        let mime_type = mime_type.or(self.mime_type);
        for contents in &mut self.contents {
            if contents.uri.is_empty() {
                uri.clone_into(&mut contents.uri);
            }
            contents.mime_type = contents.mime_type.take().or_else(|| mime_type.map(str::to_owned));
        }
        let mut body = ResultBody::new();
        body.member("contents", &self.contents);
        body.meta(&self.meta);
        body
    }
}

/// A resource in `resources/list`, or a template in `resources/templates/list`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResourceDefinition {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) uri: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) uri_template: Option<&'static str>,
    pub(crate) name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mime_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) size: Option<u64>,
    #[serde(skip_serializing_if = "ResourceAnnotations::is_empty")]
    pub(crate) annotations: ResourceAnnotations,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(crate) icons: &'static [Icon],
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub(crate) meta: Option<&'static RawValue>,
}

/// Hints for the client.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResourceAnnotations {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(crate) audience: &'static [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) priority: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_modified: Option<&'static str>,
}

impl ResourceAnnotations {
    fn is_empty(&self) -> bool {
        self.audience.is_empty() && self.priority.is_none() && self.last_modified.is_none()
    }
}
