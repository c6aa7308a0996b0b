//! The invocation of a method, as layers see it.

use std::fmt;

use serde_json::{Map, Value};

use crate::auth::AccessToken;
use crate::server::call::arguments::GivenArguments;
use crate::server::context::Context;
use crate::server::context::request::RequestContext;
use crate::server::declare::item::ItemId;

/// The invocation of a method: its caller, its item and its arguments.
pub struct Invocation<'a> {
    pub(super) item: ItemId,
    pub(super) arguments: GivenArguments<'a>,
    pub(super) request: &'a RequestContext,
}

impl Invocation<'_> {
    /// Returns the item whose method is invoked.
    #[must_use]
    pub fn item(&self) -> &ItemId {
        &self.item
    }

    /// Returns the token of the caller. Absent on an open server, over stdio and in memory.
    #[must_use]
    pub fn token(&self) -> Option<&AccessToken> {
        self.request.token()
    }

    /// Returns the context of the request.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.request.context
    }

    /// Returns the arguments as the client sent them, parsed anew by each call.
    ///
    /// The variables of a template and the arguments of a prompt are texts. The types of the method are not checked yet.
    #[must_use]
    pub fn arguments(&self) -> Map<String, Value> {
        match &self.arguments {
            GivenArguments::Json(entries) => entries
                .iter()
                .map(|(name, raw)| (name.clone().into_owned(), serde_json::from_str(raw.get()).unwrap_or_default()))
                .collect(),
            GivenArguments::Texts(texts) => texts
                .iter()
                .map(|(name, text)| (name.clone().into_owned(), Value::String(text.clone().into_owned())))
                .collect(),
        }
    }
}

/// The output omits the arguments, which can be personal.
impl fmt::Debug for Invocation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invocation").field("item", &self.item).finish_non_exhaustive()
    }
}
