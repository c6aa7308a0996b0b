//! The entries of `resources/list` that depend on the caller, and their pages.

use std::borrow::Cow;
use std::fmt::Display;

use mcp_core::{ExpansionError, UriTemplate};
use serde::Serialize;

use super::content::Annotations;
use super::icon::Icon;
use super::response::push;
use super::version::ProtocolVersion;

/// A resource of a template, as `resources/list` shows it to a caller.
///
/// The URI follows from the [values](Self::value) of the template's variables, so that it is one that the template serves.
/// A value is escaped as far as a URI needs it.
///
/// ```
/// use mcp::ResourceEntry;
///
/// // Of `issue://{repository}/{id}`.
/// let entry = ResourceEntry::new("Login fails").value("repository", "web").value("id", 17);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ResourceEntry {
    /// The name.
    pub name: String,
    /// The values of the template's variables.
    values: Vec<(Cow<'static, str>, String)>,
    /// The name for people. Absent before protocol 2025-06-18.
    pub title: Option<String>,
    /// The description for the model.
    pub description: Option<String>,
    /// The type of the content. Defaults to that of the template.
    pub mime_type: Option<String>,
    /// The size of the content in bytes, before any encoding.
    pub size: Option<u64>,
    /// Hints for the client.
    pub annotations: Option<Annotations>,
}

impl ResourceEntry {
    /// Creates an entry with a name.
    pub fn new(name: impl Into<String>) -> Self {
        let (title, description, mime_type) = (None, None, None);
        Self { name: name.into(), values: Vec::new(), title, description, mime_type, size: None, annotations: None }
    }

    /// Sets the value of a variable of the template, as the handler receives it.
    ///
    /// Parameters of a query, such as `{?lang}`, may be omitted.
    #[must_use]
    pub fn value(mut self, variable: impl Into<Cow<'static, str>>, value: impl Display) -> Self {
        self.values.push((variable.into(), value.to_string()));
        self
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

    /// Sets the type of the content.
    #[must_use]
    pub fn mime_type(mut self, mime_type: impl Into<String>) -> Self {
        self.mime_type = Some(mime_type.into());
        self
    }

    /// Sets the size of the content in bytes.
    #[must_use]
    pub fn size(mut self, bytes: u64) -> Self {
        self.size = Some(bytes);
        self
    }

    /// Sets hints for the client.
    #[must_use]
    pub fn annotations(mut self, annotations: Annotations) -> Self {
        self.annotations = Some(annotations);
        self
    }

    /// Writes the entry with its URI. It has the type of the template without one of its own.
    pub(crate) fn write(
        &self,
        template: &UriTemplate,
        mime_type: Option<&str>,
        icons: &[Icon],
        version: ProtocolVersion,
    ) -> Result<Vec<u8>, ExpansionError> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Definition<'a> {
            uri: &'a str,
            name: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            title: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            description: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            mime_type: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            size: Option<u64>,
            #[serde(skip_serializing_if = "Option::is_none")]
            annotations: Option<Annotations>,
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            icons: &'a [Icon],
        }
        let uri = template.expand(&self.values)?;
        let mut out = Vec::new();
        let definition = Definition {
            uri: &uri,
            name: &self.name,
            title: self.title.as_deref().filter(|_| version.has_titles()),
            description: self.description.as_deref(),
            mime_type: self.mime_type.as_deref().or(mime_type),
            size: self.size,
            annotations: self.annotations.clone().map(|annotations| Annotations {
                last_modified: annotations.last_modified.filter(|_| version.has_titles()),
                ..annotations
            }),
            icons: if version.has_icons() { icons } else { &[] },
        };
        push(&mut out, &definition);
        Ok(out)
    }
}

/// A page of the resources that a caller may read, with the cursor of the next page.
///
/// The cursor is any text by which the list continues, such as the last id. The client receives it sealed: nobody reads or
/// changes it, and it is valid for the same caller only.
///
/// ```
/// use mcp::{ResourceEntry, ResourcePage};
///
/// fn page(ids: &[u64]) -> ResourcePage {
///     let page = ResourcePage::new(ids.iter().map(|id| ResourceEntry::new(format!("Issue {id}")).value("id", id)));
///     match ids.last() {
///         Some(last) if ids.len() == 100 => page.next_cursor(last),
///         _ => page,
///     }
/// }
/// # assert_eq!(page(&[1, 2]).next_cursor, None);
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct ResourcePage {
    /// The entries, in the order of the list.
    pub entries: Vec<ResourceEntry>,
    /// The cursor of the next page. `None` on the last page.
    pub next_cursor: Option<String>,
}

impl ResourcePage {
    /// Creates the last page.
    pub fn new(entries: impl IntoIterator<Item = ResourceEntry>) -> Self {
        Self { entries: entries.into_iter().collect(), next_cursor: None }
    }

    /// Sets the cursor of the next page.
    #[must_use]
    pub fn next_cursor(mut self, cursor: impl Display) -> Self {
        self.next_cursor = Some(cursor.to_string());
        self
    }
}
