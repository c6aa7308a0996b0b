//! Content blocks: the pieces of a tool's result that a model reads.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::response::push;
use super::version::ProtocolVersion;

/// One block of a tool's result.
///
/// Tools return the concrete types, or a `Vec<Content>` to mix them:
///
/// ```
/// use mcp::{Content, ResourceLink, TextContent};
///
/// let blocks: Vec<Content> = vec![
///     TextContent::new("Two files match.").into(),
///     ResourceLink::new("file:///src/main.rs", "main.rs").mime_type("text/x-rust").into(),
/// ];
/// # assert_eq!(blocks.len(), 2);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Content {
    /// Text.
    Text(TextContent),
    /// A picture.
    Image(ImageContent),
    /// Sound.
    Audio(AudioContent),
    /// A resource to fetch when it is needed.
    ResourceLink(ResourceLink),
    /// A resource, included.
    Resource(EmbeddedResource),
}

impl Content {
    /// Appends the block as JSON.
    ///
    /// Nearly all blocks are plain texts. Writing these by hand takes a quarter of the instructions.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Text(TextContent { text, annotations: None }) => {
                out.extend_from_slice(b"{\"type\":\"text\",\"text\":");
                push(out, text);
                out.push(b'}');
            }
            other => push(out, other),
        }
    }

    /// Returns the block in the shape of a version. Links came with 2025-06-18; before, a link is its URI.
    pub(super) fn for_version(&self, version: ProtocolVersion) -> Cow<'_, Self> {
        match self {
            Self::ResourceLink(link) if !version.has_structured_content() => {
                Cow::Owned(TextContent::new(&link.uri).into())
            }
            _ => Cow::Borrowed(self),
        }
    }

    /// Returns the text, if this is a text block.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(content) => Some(&content.text),
            _ => None,
        }
    }
}

/// Plain text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TextContent {
    /// The text.
    pub text: String,
    /// Hints for the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annotations: Option<Annotations>,
}

impl TextContent {
    /// Makes a block of text.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), annotations: None }
    }
}

/// A picture, as Base64.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ImageContent {
    /// The bytes in Base64.
    pub data: String,
    /// Their type, such as `image/png`.
    pub mime_type: String,
    /// Hints for the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annotations: Option<Annotations>,
}

impl ImageContent {
    /// Makes a picture from its bytes, which are encoded here.
    pub fn new(bytes: impl AsRef<[u8]>, mime_type: impl Into<String>) -> Self {
        Self { data: STANDARD.encode(bytes), mime_type: mime_type.into(), annotations: None }
    }
}

/// Sound, as Base64.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AudioContent {
    /// The bytes in Base64.
    pub data: String,
    /// Their type, such as `audio/wav`.
    pub mime_type: String,
    /// Hints for the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annotations: Option<Annotations>,
}

impl AudioContent {
    /// Makes a sound from its bytes, which are encoded here.
    pub fn new(bytes: impl AsRef<[u8]>, mime_type: impl Into<String>) -> Self {
        Self { data: STANDARD.encode(bytes), mime_type: mime_type.into(), annotations: None }
    }
}

/// A resource to fetch when it is needed. Clients of protocol 2025-03-26 receive its URI as text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ResourceLink {
    /// Its URI.
    pub uri: String,
    /// Its name.
    pub name: String,
    /// A name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// A description for the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its type, such as `text/x-rust`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// Its size in bytes, before any encoding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Hints for the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annotations: Option<Annotations>,
}

impl ResourceLink {
    /// Makes a link with a name.
    pub fn new(uri: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            uri: uri.into(),
            name: name.into(),
            title: None,
            description: None,
            mime_type: None,
            size: None,
            annotations: None,
        }
    }

    /// Sets the name for people.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Sets the description for the model.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets the type of its content.
    #[must_use]
    pub fn mime_type(mut self, mime_type: impl Into<String>) -> Self {
        self.mime_type = Some(mime_type.into());
        self
    }

    /// Sets its size in bytes.
    #[must_use]
    pub fn size(mut self, bytes: u64) -> Self {
        self.size = Some(bytes);
        self
    }
}

/// A resource that is included in the result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EmbeddedResource {
    /// The content.
    pub resource: ResourceContents,
    /// Hints for the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annotations: Option<Annotations>,
}

impl EmbeddedResource {
    /// Includes a text.
    pub fn text(uri: impl Into<String>, text: impl Into<String>) -> Self {
        Self { resource: ResourceContents::text(text).uri(uri), annotations: None }
    }

    /// Includes bytes, which are encoded here.
    pub fn blob(uri: impl Into<String>, bytes: impl AsRef<[u8]>) -> Self {
        Self { resource: ResourceContents::blob(bytes).uri(uri), annotations: None }
    }

    /// Sets the type of the content.
    #[must_use]
    pub fn mime_type(mut self, mime_type: impl Into<String>) -> Self {
        self.resource.mime_type = Some(mime_type.into());
        self
    }
}

/// The content of a resource, and its URI.
///
/// ```
/// use mcp::ResourceContents;
///
/// let page = ResourceContents::text("<h1>Notes</h1>").mime_type("text/html");
/// let picture = ResourceContents::blob([0x89, b'P', b'N', b'G']).uri("notes://1/picture");
/// # assert!(page.uri.is_empty() && !picture.uri.is_empty());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ResourceContents {
    /// The URI of the content. If empty in the result of a resource, it becomes the URI of the request.
    pub uri: String,
    /// Its type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// Text or bytes.
    #[serde(flatten)]
    pub body: ResourceBody,
    /// Further information for the client's program.
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<serde_json::Map<String, serde_json::Value>>,
}

impl ResourceContents {
    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(ResourceBody::Text { text: text.into() })
    }

    /// Bytes, which are encoded here.
    pub fn blob(bytes: impl AsRef<[u8]>) -> Self {
        Self::new(ResourceBody::Blob { blob: STANDARD.encode(bytes) })
    }

    /// Sets the URI of the content.
    #[must_use]
    pub fn uri(mut self, uri: impl Into<String>) -> Self {
        self.uri = uri.into();
        self
    }

    /// Sets its type.
    #[must_use]
    pub fn mime_type(mut self, mime_type: impl Into<String>) -> Self {
        self.mime_type = Some(mime_type.into());
        self
    }

    fn new(body: ResourceBody) -> Self {
        Self { uri: String::new(), mime_type: None, body, meta: None }
    }
}

/// Text, or bytes in Base64.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ResourceBody {
    /// Text.
    Text {
        /// The text.
        text: String,
    },
    /// Bytes.
    Blob {
        /// The bytes in Base64.
        blob: String,
    },
}

/// Hints for a client that shows or sorts blocks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Annotations {
    /// The readers that it is meant for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub audience: Vec<Role>,
    /// Its importance, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<f64>,
    /// The time of its last change, in ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

/// A side of the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// Makes each block a [`Content`] that can be annotated.
macro_rules! blocks {
    ($($block:ident => $variant:ident),* $(,)?) => {$(
        impl From<$block> for Content {
            fn from(block: $block) -> Self {
                Self::$variant(block)
            }
        }

        impl $block {
            /// Sets hints for the client.
            #[must_use]
            pub fn annotations(mut self, annotations: Annotations) -> Self {
                self.annotations = Some(annotations);
                self
            }
        }
    )*};
}

blocks! {
    TextContent => Text,
    ImageContent => Image,
    AudioContent => Audio,
    ResourceLink => ResourceLink,
    EmbeddedResource => Resource,
}
