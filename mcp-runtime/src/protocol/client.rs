//! The client's description of itself, in each request since 2026-07-28 and in the handshake before.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::{Error as _, IgnoredAny};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};

use super::error::{Error, MISSING_CAPABILITY};
use super::version::ProtocolVersion;
use crate::json::read::{Object, Text, is_object};

/// The identifier of the tasks extension.
pub(crate) const TASKS: &str = "io.modelcontextprotocol/tasks";

/// Limits the extensions of a client with their settings, in bytes. A request keeps them as long as it runs.
const MAX_EXTENSIONS: usize = 16 * 1024;

/// A client as it describes itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Client {
    pub(crate) info: Option<ClientInfo>,
    pub(crate) capabilities: ClientCapabilities,
}

/// The client's program as it describes itself, unverified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ClientInfo {
    /// The name of the program.
    pub name: String,
    /// The version of the program.
    pub version: String,
    /// The name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The description for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The web page of the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website_url: Option<String>,
}

/// A [`ClientInfo`] that borrows from its message.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeclaredInfo<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    version: Text<'a>,
    #[serde(borrow)]
    title: Option<Text<'a>>,
    #[serde(borrow)]
    description: Option<Text<'a>>,
    #[serde(borrow)]
    website_url: Option<Text<'a>>,
}

impl From<&DeclaredInfo<'_>> for ClientInfo {
    fn from(declared: &DeclaredInfo<'_>) -> Self {
        let owned = |Text(text): &Text<'_>| text.as_ref().to_owned();
        Self {
            name: owned(&declared.name),
            version: owned(&declared.version),
            title: declared.title.as_ref().map(owned),
            description: declared.description.as_ref().map(owned),
            website_url: declared.website_url.as_ref().map(owned),
        }
    }
}

impl<'de> Deserialize<'de> for ClientInfo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Object::<DeclaredInfo<'_>>::deserialize(deserializer).map(|Object(declared)| Self::from(&declared))
    }
}

/// The kinds of requests that a client answers. Any other request is the error -32021.
///
/// ```
/// use mcp::Context;
///
/// async fn title(cx: &Context, text: &str) -> Result<String, mcp::Error> {
///     if !cx.capabilities().sampling {
///         return Ok(text.chars().take(40).collect());
///     }
///     let sampling = mcp::Sampling::new(30).user(format!("Find a title for: {text}"));
///     Ok(cx.sample("title", sampling).await?.text())
/// }
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct ClientCapabilities {
    /// Shows forms to the user. A client that declares `elicitation` without a mode shows forms.
    pub elicitation_form: bool,
    /// Sends the user to a URL. Since 2025-11-25.
    pub elicitation_url: bool,
    /// Calls a model.
    pub sampling: bool,
    /// Can include the messages of other servers in the context of the model.
    pub sampling_context: bool,
    /// Lets the model use tools. Since 2025-11-25.
    pub sampling_tools: bool,
    /// Lists the folders that the client works on.
    pub roots: bool,
    /// Extensions of the protocol. Since 2026-07-28.
    pub(crate) extensions: Extensions,
}

/// Extensions by their identifier, with their settings, as text.
///
/// Parsed, a text of numbers takes sixteen times as much memory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Extensions(Option<Arc<RawValue>>);

impl Extensions {
    /// Returns the settings by identifier, unparsed.
    fn all(&self) -> BTreeMap<String, &RawValue> {
        self.0.as_ref().and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
    }
}

impl TryFrom<Box<RawValue>> for Extensions {
    type Error = String;

    fn try_from(raw: Box<RawValue>) -> Result<Self, String> {
        if !is_object(&raw) {
            return Err("`extensions` must be an object".to_owned());
        }
        if raw.get().len() > MAX_EXTENSIONS {
            return Err(format!("`extensions` is longer than {MAX_EXTENSIONS} bytes"));
        }
        Ok(Self(Some(raw.into())))
    }
}

impl PartialEq for Extensions {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_ref().map(|raw| raw.get()) == other.0.as_ref().map(|raw| raw.get())
    }
}

impl ClientCapabilities {
    /// Returns `true` if the client has an extension, such as `io.modelcontextprotocol/tasks`.
    #[must_use]
    pub fn has_extension(&self, identifier: &str) -> bool {
        self.extensions.all().contains_key(identifier)
    }

    /// Returns the settings of an extension, if the client has it. They are parsed by each call.
    ///
    /// A client declares at most 16 KiB of extensions with their settings. A request with more is an error.
    ///
    /// ```
    /// # use mcp::Context;
    /// fn theme(cx: &Context) -> Option<String> {
    ///     let settings = cx.capabilities().extension("com.example/theme")?;
    ///     settings["name"].as_str().map(str::to_owned)
    /// }
    /// ```
    #[must_use]
    pub fn extension(&self, identifier: &str) -> Option<Value> {
        serde_json::from_str(self.extensions.all().get(identifier)?.get()).ok()
    }

    /// Returns the names in the words of the specification, such as `elicitation.form`.
    pub(crate) fn names(&self) -> Vec<String> {
        let declared = [
            (self.elicitation_form, "elicitation.form"),
            (self.elicitation_url, "elicitation.url"),
            // The two below imply this one.
            (self.sampling && !self.sampling_context && !self.sampling_tools, "sampling"),
            (self.sampling_context, "sampling.context"),
            (self.sampling_tools, "sampling.tools"),
            (self.roots, "roots"),
        ];
        let names = declared.into_iter().filter(|(has, _)| *has).map(|(_, name)| name.to_owned());
        names.chain(self.extensions.all().into_keys()).collect()
    }

    /// Returns the capabilities that a call needs to become a task.
    pub(crate) fn tasks() -> Self {
        let tasks = to_raw_value(&json!({TASKS: {}})).ok().map(Arc::from);
        Self { extensions: Extensions(tasks), ..Self::default() }
    }

    /// Drops the capabilities that a version does not know.
    ///
    /// A client declares its capabilities before it knows the version.
    pub(crate) fn for_version(mut self, version: ProtocolVersion) -> Self {
        self.elicitation_form &= version >= ProtocolVersion::V2025_06_18;
        self.elicitation_url &= version >= ProtocolVersion::V2025_11_25;
        self.sampling_tools &= version >= ProtocolVersion::V2025_11_25;
        if !version.is_modern() {
            self.extensions = Extensions::default();
        }
        if version < ProtocolVersion::V2025_11_25 {
            // Before this version, the capability was part of sampling and not declared.
            self.sampling_context = self.sampling;
        }
        self
    }

    /// Returns `true` if the client has all capabilities in `needed`.
    pub(crate) fn satisfies(&self, needed: &Self) -> bool {
        let has = |has: bool, needed: bool| has || !needed;
        has(self.elicitation_form, needed.elicitation_form)
            && has(self.elicitation_url, needed.elicitation_url)
            && has(self.sampling, needed.sampling)
            && has(self.sampling_context, needed.sampling_context)
            && has(self.sampling_tools, needed.sampling_tools)
            && has(self.roots, needed.roots)
            && needed.extensions.all().keys().all(|identifier| self.has_extension(identifier))
    }
}

impl Error {
    /// Returns the error of a request that needs capabilities of its client.
    pub(crate) fn missing_capability(required: &ClientCapabilities) -> Self {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Required<'a> {
            required_capabilities: &'a ClientCapabilities,
        }
        let names = required.names().join("`, `");
        Self::new(MISSING_CAPABILITY, format!("This needs `{names}`, which the client does not declare"))
            .data(&Required { required_capabilities: required })
    }
}

impl<'de> Deserialize<'de> for ClientCapabilities {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Declared {
            elicitation: Option<Object<Elicitation>>,
            sampling: Option<Object<Sampling>>,
            roots: Option<Object<Roots>>,
            extensions: Option<Box<RawValue>>,
        }
        #[derive(Deserialize)]
        struct Elicitation {
            form: Option<IgnoredAny>,
            url: Option<IgnoredAny>,
        }
        #[derive(Deserialize)]
        struct Sampling {
            context: Option<IgnoredAny>,
            tools: Option<IgnoredAny>,
        }
        #[derive(Deserialize)]
        struct Roots {}

        let Object(declared) = Object::<Declared>::deserialize(deserializer)?;
        let (form, url) = declared
            .elicitation
            .map_or((false, false), |Object(modes)| (modes.form.is_some() || modes.url.is_none(), modes.url.is_some()));
        let (context, tools) = (declared.sampling.as_ref())
            .map_or((false, false), |Object(parts)| (parts.context.is_some(), parts.tools.is_some()));
        Ok(Self {
            elicitation_form: form,
            elicitation_url: url,
            sampling: declared.sampling.is_some(),
            sampling_context: context,
            sampling_tools: tools,
            roots: declared.roots.is_some(),
            extensions: match declared.extensions {
                Some(raw) => Extensions::try_from(raw).map_err(D::Error::custom)?,
                None => Extensions::default(),
            },
        })
    }
}

impl Serialize for ClientCapabilities {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let parts = |parts: &[(&str, bool)]| {
            let mut declared = Map::new();
            for (name, _) in parts.iter().filter(|(_, has)| *has) {
                declared.insert((*name).to_owned(), json!({}));
            }
            declared
        };
        let elicitation = parts(&[("form", self.elicitation_form), ("url", self.elicitation_url)]);
        let mut all = serializer.serialize_map(None)?;
        if !elicitation.is_empty() {
            all.serialize_entry("elicitation", &elicitation)?;
        }
        if let Some(extensions) = &self.extensions.0 {
            all.serialize_entry("extensions", &**extensions)?;
        }
        if self.roots {
            all.serialize_entry("roots", &Map::new())?;
        }
        if self.sampling {
            let sampling = parts(&[("context", self.sampling_context), ("tools", self.sampling_tools)]);
            all.serialize_entry("sampling", &sampling)?;
        }
        all.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(declared: Value) -> ClientCapabilities {
        serde_json::from_value(declared).expect("capabilities")
    }

    #[test]
    fn elicitation_without_a_mode_is_a_form() {
        for (declared, form, url) in [
            (json!({}), false, false),
            (json!({"elicitation": {}}), true, false),
            (json!({"elicitation": {"form": {}}}), true, false),
            (json!({"elicitation": {"form": {"applyDefaults": true}, "url": {}}}), true, true),
            (json!({"elicitation": {"url": {}}}), false, true),
            (json!({"elicitation": {"future": {}}}), true, false),
        ] {
            let read = read(declared.clone());
            assert_eq!((read.elicitation_form, read.elicitation_url), (form, url), "{declared}");
        }
    }

    #[test]
    fn what_is_declared_is_an_object() {
        for declared in [
            json!([]),
            json!([{}, {}, {}, {}]),
            json!("sampling"),
            json!({"sampling": true}),
            json!({"roots": []}),
            json!({"elicitation": "form"}),
            json!({"extensions": ["io.modelcontextprotocol/tasks"]}),
        ] {
            assert!(serde_json::from_value::<ClientCapabilities>(declared.clone()).is_err(), "{declared}");
        }
    }

    #[test]
    fn they_are_written_as_they_are_read() {
        let declared = json!({
            "elicitation": {"form": {}, "url": {}}, "sampling": {"context": {}, "tools": {}}, "roots": {},
            "extensions": {"io.modelcontextprotocol/tasks": {}, "com.example/a": {"b": 1}},
        });
        let read = read(declared.clone());
        assert!(read.has_extension("io.modelcontextprotocol/tasks") && !read.has_extension("tasks"));
        assert_eq!(serde_json::to_value(&read).expect("JSON"), declared);
        assert_eq!(
            read.names().join(" "),
            "elicitation.form elicitation.url sampling.context sampling.tools roots com.example/a io.modelcontextprotocol/tasks"
        );
        assert_eq!(serde_json::to_value(ClientCapabilities::default()).expect("JSON"), json!({}));
    }

    #[test]
    fn an_older_version_does_not_know_all_of_them() {
        let all = || read(json!({"elicitation": {"form": {}, "url": {}}, "sampling": {"tools": {}}, "roots": {}}));
        let known = |version| {
            let known = all().for_version(version);
            (known.elicitation_form, known.elicitation_url, known.sampling, known.sampling_tools, known.roots)
        };
        assert_eq!(known(ProtocolVersion::V2025_03_26), (false, false, true, false, true));
        assert_eq!(known(ProtocolVersion::V2025_06_18), (true, false, true, false, true));
        assert_eq!(known(ProtocolVersion::V2025_11_25), (true, true, true, true, true));
        assert_eq!(known(ProtocolVersion::V2026_07_28), (true, true, true, true, true));
    }
}
