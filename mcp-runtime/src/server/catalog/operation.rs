//! The operation of a request, resolved from its method and params.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use mcp_core::NormalUri;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::item::Item;
use super::listing::{GuardedListing, ListItem, Listing, text, unknown_cursor};
use super::prepared::{PreparedCompletion, PreparedPrompt, PreparedTool};
use super::resource_list::{FixedResources, ResourceList};
use super::{Catalog, ResourceMatch};
use crate::auth::{AccessToken, Principal, RequiredScopes};
use crate::json::read::Text;
use crate::json::truncate::truncated;
use crate::lock::locked;
use crate::protocol::error::Error;
use crate::protocol::message::Request;
use crate::protocol::params::{Entries, Entry, Params, read_member, read_object};
use crate::protocol::response::{self, ResultKind};
use crate::protocol::version::ProtocolVersion;
use crate::server::call::arguments::{Arguments, Texts, unknown};
use crate::server::declare::item::{ItemId, ItemKind};
use crate::server::declare::rows::CompletionTarget;
use crate::server::tasks::FoundTask;

/// The operation of a request: a result computed before, or work to do.
pub(crate) enum Operation<'a> {
    /// A result that needs no work.
    Known(Cow<'a, [u8]>),
    Call {
        tool: &'a Arc<PreparedTool>,
        arguments: Result<Arguments<'a>, Error>,
    },
    Read {
        /// Boxed, because it would make every operation larger.
        found: Box<ResourceMatch<'a>>,
        uri: Cow<'a, str>,
    },
    /// `resources/list`, if methods of the server add to it.
    ListResources(Box<ResourceList<'a>>),
    Prompt {
        prompt: &'a PreparedPrompt,
        arguments: Result<Arguments<'a>, Error>,
    },
    Complete {
        /// The prompt or the template.
        item: &'a Item,
        /// Absent for an argument without a completion.
        completion: Option<&'a PreparedCompletion>,
        arguments: Result<Arguments<'a>, Error>,
    },
    /// A list with items that guards decide about.
    List {
        listing: &'a dyn GuardedListing,
        cursor: Option<&'a RawValue>,
        /// The items that the caller lacks the scopes to see.
        hidden: Vec<&'static str>,
    },
    /// `subscriptions/listen`, whose answer is a stream.
    Listen,
    /// `resources/subscribe` and its opposite, in a session.
    Subscribe {
        /// Boxed, because it would make every operation larger.
        found: Box<ResourceMatch<'a>>,
        uri: Cow<'a, str>,
        /// The normal form, in which changes are announced.
        normal: String,
        on: bool,
    },
    /// `logging/setLevel`, in a session.
    SetLevel,
    /// An action on a task, if the caller has one with this id.
    Task {
        id: Cow<'a, str>,
        task: Option<FoundTask>,
        action: TaskAction<'a>,
    },
}

/// An action on a task.
#[derive(Clone, Copy)]
pub(crate) enum TaskAction<'a> {
    Get,
    /// With `inputResponses`.
    Update(Option<&'a RawValue>),
    Cancel,
}

impl<'a> Operation<'a> {
    /// Returns the scopes that the caller needs, if they are more than those of every request.
    pub(crate) fn needed(&self) -> Option<&RequiredScopes> {
        match self {
            Self::Call { tool, .. } => Some(&tool.item.needed),
            Self::Read { found, .. } | Self::Subscribe { found, .. } => Some(&found.needed),
            Self::Prompt { prompt, .. } => Some(&prompt.item.needed),
            Self::Complete { item, completion, .. } => completion.map(|_| &item.needed),
            Self::Task { task, .. } => task.as_ref().and_then(FoundTask::needed),
            Self::Known(_) | Self::List { .. } | Self::ListResources(_) | Self::Listen | Self::SetLevel => None,
        }
    }

    /// Returns the item, if the operation is about a single one.
    pub(crate) fn item(&self) -> Option<ItemId> {
        let (kind, name) = match self {
            Self::Call { tool, .. } => (ItemKind::Tool, tool.item.key),
            Self::Read { found, .. } | Self::Subscribe { found, .. } => (ItemKind::Resource, found.resource.item.key),
            Self::Prompt { prompt, .. } => (ItemKind::Prompt, prompt.item.key),
            Self::Complete { item, completion: Some(_), .. } => (ItemKind::Completion, item.key),
            Self::Known(_)
            | Self::Complete { completion: None, .. }
            | Self::List { .. }
            | Self::ListResources(_)
            | Self::Listen
            | Self::SetLevel
            | Self::Task { .. } => return None,
        };
        Some(ItemId::new(kind, name))
    }

    /// Returns the item that the operation uses, if guards hide it from some callers.
    pub(crate) fn hidden_item(&self) -> Option<&Item> {
        let item = match self {
            Self::Call { tool, .. } => &tool.item,
            Self::Read { found, .. } | Self::Subscribe { found, .. } => &found.resource.item,
            Self::Prompt { prompt, .. } => &prompt.item,
            Self::Complete { item, .. } => item,
            Self::Known(_)
            | Self::List { .. }
            | Self::ListResources(_)
            | Self::Listen
            | Self::SetLevel
            | Self::Task { .. } => return None,
        };
        Some(item).filter(|item| item.is_hidden_by_guards())
    }

    /// Returns the error that the operation would have if its item did not exist.
    pub(crate) fn error_of_unknown_item(&self, version: ProtocolVersion) -> Error {
        match self {
            Self::Call { tool, .. } => Error::unknown_tool(tool.item.key),
            Self::Prompt { prompt, .. } => Error::unknown_prompt(prompt.item.key),
            Self::Complete { .. } => unknown_reference(),
            Self::Read { uri, .. } | Self::Subscribe { uri, .. } => Error::not_found().of_resource(uri, version),
            Self::Known(_)
            | Self::List { .. }
            | Self::ListResources(_)
            | Self::Listen
            | Self::SetLevel
            | Self::Task { .. } => Error::not_found(),
        }
    }

    /// Returns `true` if a guard or a part of the request can refuse the operation before its method runs.
    pub(crate) fn has_verdict(&self) -> bool {
        match self {
            Self::Call { tool, .. } => tool.item.has_verdict,
            Self::Read { found, .. } => found.resource.item.has_verdict,
            Self::Subscribe { found, on, .. } => *on && found.resource.guard.is_some(),
            Self::Prompt { prompt, .. } => prompt.item.has_verdict,
            Self::Complete { completion, .. } => completion.is_some_and(|completion| completion.has_verdict),
            Self::List { .. } | Self::ListResources(_) => true,
            Self::Known(_) | Self::Listen | Self::SetLevel | Self::Task { .. } => false,
        }
    }

    /// Returns `true` if the operation runs a method of the server.
    pub(crate) fn runs_method(&self) -> bool {
        matches!(
            self,
            Self::List { .. }
                | Self::Call { .. }
                | Self::Read { .. }
                | Self::ListResources(_)
                | Self::Prompt { .. }
                | Self::Complete { .. }
        )
    }

    /// Returns the values that headers must repeat, if the arguments are valid.
    #[cfg(feature = "http")]
    pub(crate) fn mirrored(&self) -> impl Iterator<Item = (&'static str, Option<&RawValue>)> {
        let arguments = match self {
            Self::Call { arguments: Ok(arguments), .. } => Some(arguments),
            _ => None,
        };
        arguments.into_iter().flat_map(Arguments::mirrored)
    }
}

impl Catalog {
    /// Resolves the method of a request.
    ///
    /// No method of the server runs yet, so that the scopes of the operation can be checked first. Lists contain only what
    /// the caller may see: `satisfies` returns `true` if the caller holds the given scopes. A task of another caller is
    /// unknown.
    pub(crate) fn operation<'a>(
        &'a self,
        request: &'a Request<'a>,
        version: ProtocolVersion,
        token: Option<&AccessToken>,
        satisfies: impl Fn(&RequiredScopes) -> bool,
    ) -> Result<Operation<'a>, Error> {
        let params = &request.params;
        let offers = self.introduction.offers;
        let has_tasks = self.introduction.has_tasks;
        match (&*request.method, version.is_modern()) {
            ("tools/call", _) if offers.tools => self.call(params),
            ("tools/list", _) if offers.tools => list(&self.tools, params.cursor, version, satisfies),
            ("resources/read", _) if offers.resources => self.read(params, version),
            ("resources/list", _) if self.has_lists => self.list(params.cursor, satisfies),
            ("resources/list", _) if offers.resources => list(&self.resources, params.cursor, version, satisfies),
            ("resources/templates/list", _) if offers.resources => {
                list(&self.templates, params.cursor, version, satisfies)
            }
            ("prompts/get", _) if offers.prompts => self.prompt(params),
            ("prompts/list", _) if offers.prompts => list(&self.prompts, params.cursor, version, satisfies),
            ("completion/complete", _) if offers.completions => self.completion(params),
            ("server/discover", true) => Ok(Operation::Known((&*self.discover).into())),
            ("subscriptions/listen", true) => Ok(Operation::Listen),
            ("initialize", false) => {
                let Some(requested) = params.protocol_version()? else { return Err(missing("protocolVersion")) };
                let version = ProtocolVersion::agreed(&requested);
                let body = self.introduction.initialize(version);
                Ok(Operation::Known(self.finish(body, version, ResultKind::Complete).into()))
            }
            ("ping", false) => Ok(Operation::Known(response::EMPTY.into())),
            ("resources/subscribe", false) if offers.resources => self.subscribe(params, version, true),
            ("resources/unsubscribe", false) if offers.resources => self.subscribe(params, version, false),
            ("tasks/get", true) if has_tasks => self.task(params, token, TaskAction::Get),
            ("tasks/update", true) if has_tasks => self.task(params, token, TaskAction::Update(params.input_responses)),
            ("tasks/cancel", true) if has_tasks => self.task(params, token, TaskAction::Cancel),
            ("logging/setLevel", false) => Ok(Operation::SetLevel),
            (method, _) => Err(Error::method_not_found(method)),
        }
    }

    fn call<'a>(&'a self, params: &'a Params<'a>) -> Result<Operation<'a>, Error> {
        let Some(name) = params.name()? else { return Err(missing("name")) };
        let Some(tool) = self.tools_by_name.get(&*name) else {
            return Err(Error::unknown_tool(&name));
        };
        // Argument errors are kept until the caller is authorized.
        let arguments = params.arguments().and_then(|given| Arguments::new(given, &tool.parameters));
        Ok(Operation::Call { tool, arguments })
    }

    fn read<'a>(&'a self, params: &'a Params<'a>, version: ProtocolVersion) -> Result<Operation<'a>, Error> {
        let Some(uri) = params.uri()? else { return Err(missing("uri")) };
        let found = Box::new(self.requested_resource(&normal(&uri)?, &uri, version)?);
        Ok(Operation::Read { found, uri })
    }

    /// Begins a page of `resources/list` that continues with the resources of templates.
    fn list<'a>(
        &'a self,
        cursor: Option<&'a RawValue>,
        satisfies: impl Fn(&RequiredScopes) -> bool,
    ) -> Result<Operation<'a>, Error> {
        let templates = self.templates.items().iter().map(Arc::as_ref);
        let templates = templates.filter(|template| template.list.is_some() && satisfies(&template.item.needed));
        let mut list = ResourceList::new(self.page_limits, templates.collect());
        let cursor = cursor.map(|cursor| text(cursor).ok_or_else(unknown_cursor)).transpose()?;
        let rest = match &cursor {
            None => Some(self.resources.items()),
            Some(cursor) => self.resources.after(cursor),
        };
        match rest {
            Some(rest) => {
                list.fixed =
                    Some(FixedResources { listing: &self.resources, rest, hidden: self.resources.hidden(&satisfies) })
            }
            None => list.sealed = cursor,
        }
        Ok(Operation::ListResources(Box::new(list)))
    }

    /// Returns the resource of a URI in a request, which is `written` in this form there.
    fn requested_resource(
        &self,
        uri: &NormalUri<'_>,
        written: &str,
        version: ProtocolVersion,
    ) -> Result<ResourceMatch<'_>, Error> {
        self.resource(uri).ok_or_else(|| Error::not_found().of_resource(written, version))
    }

    fn prompt<'a>(&'a self, params: &'a Params<'a>) -> Result<Operation<'a>, Error> {
        let Some(name) = params.name()? else { return Err(missing("name")) };
        let Some(prompt) = self.prompts_by_name.get(&*name) else {
            return Err(Error::unknown_prompt(&name));
        };
        let arguments = params.arguments().and_then(texts).and_then(|texts| {
            match texts.iter().find(|(name, _)| prompt.arguments.iter().all(|known| known != name)) {
                Some((name, _)) => Err(Error::invalid_params(unknown(name, &prompt.arguments, "prompt"))),
                None => Ok(Arguments::of_texts(texts)),
            }
        });
        Ok(Operation::Prompt { prompt, arguments })
    }

    fn completion<'a>(&'a self, params: &'a Params<'a>) -> Result<Operation<'a>, Error> {
        #[derive(Deserialize)]
        struct Reference<'a> {
            #[serde(rename = "type", borrow)]
            kind: Cow<'a, str>,
            #[serde(borrow)]
            name: Option<Cow<'a, str>>,
            #[serde(borrow)]
            uri: Option<Cow<'a, str>>,
        }
        #[derive(Deserialize)]
        struct Argument<'a> {
            #[serde(borrow)]
            name: Cow<'a, str>,
            #[serde(borrow)]
            value: Cow<'a, str>,
        }
        #[derive(Deserialize)]
        struct Others<'a> {
            #[serde(borrow)]
            arguments: Option<Entries<'a>>,
        }
        let reference: Reference<'a> = member("ref", params.reference)?;
        let argument: Argument<'a> = member("argument", params.argument)?;
        let others = params.context.map(|raw| member::<Others<'_>>("context", Some(raw))).transpose()?;
        let found = match (&*reference.kind, &reference.name, &reference.uri) {
            ("ref/prompt", Some(name), _) => {
                let prompt = self.prompts_by_name.get(&**name);
                prompt.map(|prompt| (&prompt.item, CompletionTarget::Prompt(prompt.item.key)))
            }
            ("ref/resource", _, Some(uri)) => {
                let resource = self.templates.items().iter().find(|template| template.item.key == *uri);
                resource.map(|resource| (&resource.item, CompletionTarget::Resource(resource.item.key)))
            }
            _ => {
                return Err(Error::invalid_params(
                    "Invalid params: `ref` must be a `ref/prompt` with a `name`, or a `ref/resource` with a `uri`",
                ));
            }
        };
        let (item, of) = found.ok_or_else(unknown_reference)?;
        let completion = self.completions.get(&of).and_then(|of| of.get(&*argument.name)).map(Arc::as_ref);
        let others = others.and_then(|others| others.arguments);
        let texts = others.as_ref().map_or(Ok(&[][..]), Entries::all).and_then(texts);
        // Kept until the caller is authorized, and may see the item.
        let arguments = texts.map(|mut texts| {
            texts.retain(|(name, _)| *name != argument.name);
            texts.push((argument.name, argument.value));
            Arguments::of_texts(texts)
        });
        Ok(Operation::Complete { item, completion, arguments })
    }

    fn subscribe<'a>(
        &'a self,
        params: &'a Params<'a>,
        version: ProtocolVersion,
        on: bool,
    ) -> Result<Operation<'a>, Error> {
        let Some(uri) = params.uri()? else { return Err(missing("uri")) };
        let normal = normal(&uri)?;
        let found = Box::new(self.requested_resource(&normal, &uri, version)?);
        let normal = normal.to_string();
        Ok(Operation::Subscribe { found, uri, normal, on })
    }

    fn task<'a>(
        &'a self,
        params: &'a Params<'a>,
        token: Option<&AccessToken>,
        action: TaskAction<'a>,
    ) -> Result<Operation<'a>, Error> {
        let Some(id) = params.task_id()? else { return Err(missing("taskId")) };
        let principal = Principal::of(token);
        let task = locked(&self.tasks).find(&id).filter(|task| task.belongs_to(&principal));
        Ok(Operation::Task { id, task, action })
    }
}

/// Lists what the caller may see, at once or after the decisions of guards.
fn list<'a, T: ListItem + Send + Sync>(
    listing: &'a Listing<T>,
    cursor: Option<&'a RawValue>,
    version: ProtocolVersion,
    satisfies: impl Fn(&RequiredScopes) -> bool,
) -> Result<Operation<'a>, Error> {
    if !listing.is_guarded() {
        return listing.answer(cursor, version, satisfies).map(Operation::Known);
    }
    Ok(Operation::List { listing, cursor, hidden: listing.hidden(satisfies) })
}

fn unknown_reference() -> Error {
    Error::invalid_params("Invalid params: `ref` is neither a prompt nor a template of this server")
}

fn missing(member: &str) -> Error {
    Error::invalid_params(format!("Invalid params: `{member}` is missing"))
}

/// Returns the normal form of a URI in a request.
///
/// A URI without one is always an error: a URI with two readings must not be looked up in one of them.
fn normal(uri: &str) -> Result<NormalUri<'_>, Error> {
    NormalUri::parse(uri).map_err(|error| Error::invalid_params(format!("Invalid params: `uri`: {error}")))
}

/// Reads a member of `params` that is an object.
fn member<'a, T: Deserialize<'a>>(name: &str, raw: Option<&'a RawValue>) -> Result<T, Error> {
    read_object(name, raw.ok_or_else(|| missing(name))?)
}

/// Reads arguments that are texts. Refuses duplicates.
fn texts<'a>(given: &[Entry<'a>]) -> Result<Texts<'a>, Error> {
    let mut names = HashSet::new();
    let read = |(name, value): &Entry<'a>| {
        if !names.insert(name.clone()) {
            let name = truncated(name);
            return Err(Error::invalid_params(format!("Invalid params: `arguments`: `{name}` is given twice")));
        }
        let Text(text) = read_member(truncated(name), value)?;
        Ok((name.clone(), text))
    };
    given.iter().map(read).collect()
}
