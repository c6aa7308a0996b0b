//! Arguments that are the fields of a struct.

use std::ops::Deref;

use schemars::{JsonSchema, SchemaGenerator};
use serde::de::DeserializeOwned;

use super::arguments::{Argument, Arguments};
use super::deserialize::Missing;
use crate::protocol::error::Error;
use crate::server::declare::parameter::ParameterType;

/// The arguments of a tool that are the fields of a struct.
///
/// Several tools can have the same arguments, and other parameters may stand beside it. Each field is an argument of its own:
/// its name, its description and its constraints are those of the struct, by its attributes for serde and schemars. Names
/// that serde only accepts as an `alias` are unknown arguments. No header repeats such an argument.
///
/// A tool whose type is not a struct with named fields, or that has two arguments of one name, is refused when the server is
/// built.
///
/// ```
/// use mcp::Fields;
///
/// #[derive(serde::Deserialize, schemars::JsonSchema)]
/// struct Draft {
///     /// The title, in one line.
///     title: String,
///     #[serde(default)]
///     labels: Vec<String>,
/// }
///
/// # struct Tracker;
/// # #[mcp::server]
/// # impl Tracker {
/// /// Create an issue.
/// #[mcp::tool]
/// fn create(&self, draft: Fields<Draft>) -> String {
///     format!("created {} with {} labels", draft.title, draft.labels.len())
/// }
///
/// /// Change an issue.
/// #[mcp::tool]
/// fn change(&self, id: u64, draft: Fields<Draft>) -> String {
///     let Fields(Draft { title, .. }) = draft;
///     format!("changed {id} to {title}")
/// }
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fields<T>(pub T);

impl<T> Deref for Fields<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + JsonSchema> Argument for Fields<T> {
    const TYPE: ParameterType = ParameterType {
        schema: SchemaGenerator::subschema_for::<T>,
        is_optional: || T::deserialize(Missing).is_ok(),
        fields: Some(T::json_schema),
    };

    fn take(arguments: &mut Arguments<'_>, name: &'static str) -> Result<Self, Error> {
        arguments.take_fields(name).map(Self)
    }

    fn take_or(arguments: &mut Arguments<'_>, name: &'static str, default: fn() -> Self) -> Result<Self, Error> {
        if arguments.has_fields(name) { Self::take(arguments, name) } else { Ok(default()) }
    }
}
