//! Everything that a server offers at one time, and the way from a message to the method that it asks for.

pub(crate) mod composition;
pub(crate) mod composition_error;
pub(crate) mod discovery;
pub(crate) mod listing;
#[cfg(feature = "http")]
pub(crate) mod parameter_headers;
pub(crate) mod prepared;
pub(crate) mod schema;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use mcp_core::{NormalUri, UriIndex, UriMatch};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use self::composition::{all, by_key};
use self::composition_error::{CompositionError, Kind};
use self::discovery::Implementation;
use self::prepared::{Item, PreparedBlock, PreparedCompletion, PreparedPrompt, PreparedResource, PreparedTool};
use super::call::arguments::{Arguments, Texts, unknown};
#[cfg(feature = "testing")]
use super::declare::parameter::Parameter;

use self::listing::{Listed, Listing};
#[cfg(feature = "http")]
use self::parameter_headers::ParameterHeaders;
use super::declare::rows::{Completed, ServerInfo, TaskSupport};
use super::tasks::Tasks;
use super::tasks::task::Task;
use crate::auth::RequiredScopes;
use crate::json::read::Text;
use crate::json::truncate::truncated;
use crate::lock::locked;
use crate::protocol::error::Error;
use crate::protocol::message::Request;
use crate::protocol::params::{Entries, Entry, Params, read_member, read_object};
use crate::protocol::response::{self, ResultBody, ResultKind, push};
use crate::protocol::version::ProtocolVersion;

/// Limits how long a client may keep what the tables say, in milliseconds.
///
/// They change rarely, and then a client should not take long to notice.
pub(super) const TTL_MS: u64 = 300_000;

/// What a server offers. It never changes: when the offer does, another takes its place.
pub(crate) struct Catalog {
    pub(super) info: ServerInfo,
    tools: Listing<PreparedTool>,
    tools_by_name: HashMap<&'static str, Arc<PreparedTool>>,
    resources: Listing<PreparedResource>,
    templates: Listing<PreparedResource>,
    resources_by_uri: UriIndex<Arc<PreparedResource>>,
    prompts: Listing<PreparedPrompt>,
    prompts_by_name: HashMap<&'static str, Arc<PreparedPrompt>>,
    /// By what has the argument, and its name.
    completions: HashMap<Completed, HashMap<&'static str, Arc<PreparedCompletion>>>,
    pub(super) has_tasks: bool,
    tasks: Arc<Mutex<Tasks>>,
    /// Whether clients can hear of changes.
    pub(super) announces: bool,
    discover: Vec<u8>,
    #[cfg(feature = "http")]
    pub(crate) parameter_headers: ParameterHeaders,
    /// The `_meta` of modern results: the server.
    meta: Arc<[u8]>,
}

/// A request that was understood: an answer that is already known, or something to be done.
pub(crate) enum Operation<'a> {
    Known(Cow<'a, [u8]>),
    Call {
        tool: &'a Arc<PreparedTool>,
        arguments: Result<Arguments<'a>, Error>,
    },
    Read {
        /// In a box, because calls of tools should not have room for it.
        found: Box<FoundResource<'a>>,
        uri: Cow<'a, str>,
    },
    Prompt {
        prompt: &'a PreparedPrompt,
        arguments: Result<Arguments<'a>, Error>,
    },
    Complete {
        completion: &'a PreparedCompletion,
        needed: &'a RequiredScopes,
        arguments: Arguments<'a>,
    },
    /// `subscriptions/listen`, whose answer is a stream.
    Listen,
    /// `resources/subscribe` and its opposite, in a session.
    Subscribe {
        /// In normal form, as changes are told.
        uri: String,
        on: bool,
        needed: Cow<'a, RequiredScopes>,
    },
    /// `logging/setLevel`, in a session.
    SetLevel,
    /// Something about a task, if there is one with this id.
    Task {
        id: Cow<'a, str>,
        task: Option<Arc<Task>>,
        action: TaskAction<'a>,
    },
}

/// A resource that was found by a URI.
pub(crate) struct FoundResource<'a> {
    pub(crate) resource: &'a PreparedResource,
    /// The values of its variables.
    pub(super) values: Vec<(&'a str, String)>,
    /// All that the URI needs, which may be more than the resource does.
    pub(crate) needed: Cow<'a, RequiredScopes>,
}

/// What is wanted with a task.
#[derive(Clone, Copy)]
pub(crate) enum TaskAction<'a> {
    Get,
    /// With `inputResponses`.
    Update(Option<&'a RawValue>),
    Cancel,
}

impl<'a> Operation<'a> {
    /// All that a caller needs, where that is more than what every request needs.
    pub(crate) fn needed(&self) -> Option<&RequiredScopes> {
        match self {
            Self::Call { tool, .. } => Some(&tool.item.needed),
            Self::Read { found, .. } => Some(&found.needed),
            Self::Subscribe { needed, .. } => Some(needed),
            Self::Prompt { prompt, .. } => Some(&prompt.item.needed),
            Self::Complete { needed, .. } => Some(needed),
            Self::Task { task, .. } => task.as_ref().map(|task| &task.needed),
            Self::Known(_) | Self::Listen | Self::SetLevel => None,
        }
    }

    /// Returns `true` if it runs a method of the server.
    pub(crate) fn runs_method(&self) -> bool {
        matches!(self, Self::Call { .. } | Self::Read { .. } | Self::Prompt { .. } | Self::Complete { .. })
    }

    /// The values that headers have to repeat, as far as the arguments could be read.
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
    /// Puts blocks together; what `is_disabled` is left out.
    pub(super) fn new(
        info: ServerInfo,
        blocks: &[Arc<PreparedBlock>],
        tasks: &Arc<Mutex<Tasks>>,
        page_size: usize,
        announces: bool,
        is_disabled: impl Fn(&str) -> bool,
    ) -> Result<Self, CompositionError> {
        let meta = meta_of_results(&info);
        // A clash with something that is disabled is a clash, too.
        let tools_by_name = by_key(Kind::Tool, blocks, |block| &block.tools)?;
        let resources_by_uri = composition::resources(blocks)?;
        let prompts_by_name = by_key(Kind::Prompt, blocks, |block| &block.prompts)?;
        let (resources, templates): (Vec<_>, Vec<_>) =
            blocks.iter().flat_map(|block| &block.resources).partition(|(template, _)| template.is_fixed());
        let list = |member, resources: Vec<&(_, Arc<PreparedResource>)>| {
            Listing::new(
                member,
                resources.into_iter().map(|(_, resource)| Arc::clone(resource)).collect(),
                page_size,
                &meta,
            )
        };
        let tools: Vec<_> = all(blocks, |block| &block.tools).filter(|tool| !is_disabled(tool.item.key)).collect();
        #[cfg(feature = "http")]
        let parameter_headers = ParameterHeaders::of(&tools);
        let mut completions: HashMap<_, HashMap<_, _>> = HashMap::new();
        for completion in all(blocks, |block| &block.completions) {
            completions.entry(completion.of).or_default().insert(completion.argument, completion);
        }
        let has_tasks = blocks.iter().flat_map(|block| &block.tools).any(|tool| tool.task != TaskSupport::Never);
        let mut this = Self {
            info,
            tools: Listing::new("tools", tools, page_size, &meta),
            tools_by_name,
            resources: list("resources", resources),
            templates: list("resourceTemplates", templates),
            resources_by_uri,
            prompts: Listing::new("prompts", all(blocks, |block| &block.prompts).collect(), page_size, &meta),
            prompts_by_name,
            completions,
            has_tasks,
            tasks: Arc::clone(tasks),
            announces,
            discover: Vec::new(),
            #[cfg(feature = "http")]
            parameter_headers,
            meta,
        };
        this.tools_by_name.retain(|name, _| !is_disabled(name));
        this.discover = this.discover();
        Ok(this)
    }

    /// Ends a result of this server.
    pub(super) fn finish(&self, body: ResultBody, version: ProtocolVersion, kind: ResultKind) -> Vec<u8> {
        body.finish(version, kind, &self.meta)
    }

    /// Finds what a request asks for. Nothing is run yet, so that its scopes can be checked first. `satisfies` says whether
    /// the caller has some scopes, and so what there is for them to see.
    pub(crate) fn operation<'a>(
        &'a self,
        request: &'a Request<'a>,
        version: ProtocolVersion,
        satisfies: impl Fn(&RequiredScopes) -> bool,
    ) -> Result<Operation<'a>, Error> {
        let params = &request.params;
        let offers = self.offers();
        match (&*request.method, version.is_modern()) {
            ("tools/call", _) if offers.tools => self.call(params),
            ("tools/list", _) if offers.tools => {
                self.tools.answer(params.cursor, version, satisfies).map(Operation::Known)
            }
            ("resources/read", _) if offers.resources => self.read(params, version),
            ("resources/list", _) if offers.resources => {
                self.resources.answer(params.cursor, version, satisfies).map(Operation::Known)
            }
            ("resources/templates/list", _) if offers.resources => {
                self.templates.answer(params.cursor, version, satisfies).map(Operation::Known)
            }
            ("prompts/get", _) if offers.prompts => self.prompt(params),
            ("prompts/list", _) if offers.prompts => {
                self.prompts.answer(params.cursor, version, satisfies).map(Operation::Known)
            }
            ("completion/complete", _) if offers.completions => self.completion(params, version),
            ("server/discover", true) => Ok(Operation::Known((&*self.discover).into())),
            ("subscriptions/listen", true) => Ok(Operation::Listen),
            ("initialize", false) => self.initialize(params),
            ("ping", false) => Ok(Operation::Known(response::EMPTY.into())),
            ("resources/subscribe", false) if offers.resources => self.subscribe(params, version, true),
            ("resources/unsubscribe", false) if offers.resources => self.subscribe(params, version, false),
            ("tasks/get", true) if self.has_tasks => self.task(params, TaskAction::Get),
            ("tasks/update", true) if self.has_tasks => self.task(params, TaskAction::Update(params.input_responses)),
            ("tasks/cancel", true) if self.has_tasks => self.task(params, TaskAction::Cancel),
            ("logging/setLevel", false) => Ok(Operation::SetLevel),
            (method, _) => Err(Error::method_not_found(method)),
        }
    }

    fn call<'a>(&'a self, params: &'a Params<'a>) -> Result<Operation<'a>, Error> {
        let Some(name) = params.name()? else { return Err(missing("name")) };
        let Some(tool) = self.tools_by_name.get(&*name) else {
            return Err(Error::invalid_params(format!("Unknown tool: {}", truncated(&name))));
        };
        // What is wrong with the arguments is the business of a caller that may call the tool, so it waits its turn.
        let arguments = params.arguments().and_then(|given| Arguments::new(given, &tool.parameters));
        Ok(Operation::Call { tool, arguments })
    }

    fn read<'a>(&'a self, params: &'a Params<'a>, version: ProtocolVersion) -> Result<Operation<'a>, Error> {
        let Some(uri) = params.uri()? else { return Err(missing("uri")) };
        let found = Box::new(self.requested_resource(&normal(&uri)?, &uri, version)?);
        Ok(Operation::Read { found, uri })
    }

    /// The resource of a URI in a request, as it is `written` there.
    fn requested_resource(
        &self,
        uri: &NormalUri<'_>,
        written: &str,
        version: ProtocolVersion,
    ) -> Result<FoundResource<'_>, Error> {
        self.resource(uri).ok_or_else(|| Error::not_found().of_resource(written, version))
    }

    /// Finds the resource of a URI and all that the URI needs. Whatever takes a URI asks here.
    pub(crate) fn resource(&self, uri: &NormalUri<'_>) -> Option<FoundResource<'_>> {
        let UriMatch { item, values, further_scopes, .. } = self.resources_by_uri.find(uri)?;
        let own = &item.item.needed;
        let needed = match &*further_scopes {
            [] => Cow::Borrowed(own),
            further => Cow::Owned(RequiredScopes::Composed(own.scopes().iter().chain(further).copied().collect())),
        };
        Some(FoundResource { resource: item, values, needed })
    }

    fn prompt<'a>(&'a self, params: &'a Params<'a>) -> Result<Operation<'a>, Error> {
        let Some(name) = params.name()? else { return Err(missing("name")) };
        let Some(prompt) = self.prompts_by_name.get(&*name) else {
            return Err(Error::invalid_params(format!("Unknown prompt: {}", truncated(&name))));
        };
        let arguments = params.arguments().and_then(texts).and_then(|texts| {
            match texts.iter().find(|(name, _)| prompt.arguments.iter().all(|known| known != name)) {
                Some((name, _)) => Err(Error::invalid_params(unknown(name, &prompt.arguments, "prompt"))),
                None => Ok(Arguments::of_texts(texts)),
            }
        });
        Ok(Operation::Prompt { prompt, arguments })
    }

    fn completion<'a>(&'a self, params: &'a Params<'a>, version: ProtocolVersion) -> Result<Operation<'a>, Error> {
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
                prompt.map(|prompt| (&prompt.item, Completed::Prompt(prompt.item.key)))
            }
            ("ref/resource", _, Some(uri)) => {
                let resource = self.templates.items().iter().find(|template| template.item.key == *uri);
                resource.map(|resource| (&resource.item, Completed::Resource(resource.item.key)))
            }
            _ => {
                return Err(Error::invalid_params(
                    "Invalid params: `ref` must be a `ref/prompt` with a `name`, or a `ref/resource` with a `uri`",
                ));
            }
        };
        let Some((item, of)) = found else {
            return Err(Error::invalid_params(
                "Invalid params: `ref` is neither a prompt nor a template of this server",
            ));
        };
        let Some(completion) = self.completions.get(&of).and_then(|of| of.get(&*argument.name)) else {
            // Nothing is known about it, which is an answer, too.
            let mut body = ResultBody::new();
            body.raw("completion", br#"{"values":[],"hasMore":false}"#);
            return Ok(Operation::Known(self.finish(body, version, ResultKind::Complete).into()));
        };
        let others = others.and_then(|others| others.arguments);
        let mut texts = texts(others.as_ref().map_or(Ok(&[][..]), Entries::all)?)?;
        texts.retain(|(name, _)| *name != argument.name);
        texts.push((argument.name, argument.value));
        Ok(Operation::Complete { completion, needed: &item.needed, arguments: Arguments::of_texts(texts) })
    }

    fn subscribe<'a>(
        &'a self,
        params: &'a Params<'a>,
        version: ProtocolVersion,
        on: bool,
    ) -> Result<Operation<'a>, Error> {
        let Some(uri) = params.uri()? else { return Err(missing("uri")) };
        let normal = normal(&uri)?;
        let needed = self.requested_resource(&normal, &uri, version)?.needed;
        Ok(Operation::Subscribe { uri: normal.to_string(), on, needed })
    }

    fn task<'a>(&'a self, params: &'a Params<'a>, action: TaskAction<'a>) -> Result<Operation<'a>, Error> {
        let Some(id) = params.task_id()? else { return Err(missing("taskId")) };
        let task = locked(&self.tasks).find(&id);
        Ok(Operation::Task { id, task, action })
    }

    /// Everything, by its kind.
    pub(crate) fn items(&self) -> [(Kind, Vec<&Item>); 4] {
        fn of<T: Listed>(listing: &Listing<T>) -> Vec<&Item> {
            listing.items().iter().map(|item| item.item()).collect()
        }
        [
            (Kind::Tool, of(&self.tools)),
            (Kind::Resource, of(&self.resources)),
            (Kind::Template, of(&self.templates)),
            (Kind::Prompt, of(&self.prompts)),
        ]
    }

    /// Returns the scopes that a URI needs, if there is something by it.
    #[cfg(feature = "testing")]
    pub(crate) fn scopes_of_uri(&self, uri: &str) -> Option<Vec<&'static str>> {
        let found = self.resource(&NormalUri::parse(uri).ok()?)?;
        Some(found.needed.scopes().to_vec())
    }

    /// Returns each argument that is completed, with the item that has it.
    #[cfg(feature = "testing")]
    pub(crate) fn completions(&self) -> Vec<(&Item, Completed, &'static str)> {
        let item = |of: &Completed| match of {
            Completed::Prompt(name) => self.prompts_by_name.get(name).map(|prompt| &prompt.item),
            Completed::Resource(template) => {
                let mut templates = self.templates.items().iter();
                templates.find(|resource| resource.item.key == *template).map(|resource| &resource.item)
            }
        };
        let of_items = self.completions.iter().filter_map(|(of, arguments)| Some((item(of)?, *of, arguments)));
        of_items.flat_map(|(item, of, arguments)| arguments.keys().map(move |argument| (item, of, *argument))).collect()
    }

    /// The parameters of a tool.
    #[cfg(feature = "testing")]
    pub(crate) fn parameters(&self, tool: &str) -> Vec<&'static Parameter> {
        let tool = self.tools_by_name.get(tool);
        tool.map(|tool| tool.parameters.iter().map(|prepared| prepared.parameter).collect()).unwrap_or_default()
    }

    /// Which kinds of things there are.
    pub(crate) fn offers(&self) -> Offers {
        Offers {
            tools: !self.tools.items().is_empty(),
            resources: !self.resources.items().is_empty() || !self.templates.items().is_empty(),
            prompts: !self.prompts.items().is_empty(),
            completions: !self.completions.is_empty(),
        }
    }
}

/// Which kinds of things a server has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Offers {
    pub(crate) tools: bool,
    pub(crate) resources: bool,
    pub(crate) prompts: bool,
    pub(crate) completions: bool,
}

impl Listed for PreparedTool {
    fn item(&self) -> &Item {
        &self.item
    }
}

impl Listed for PreparedResource {
    fn item(&self) -> &Item {
        &self.item
    }
}

impl Listed for PreparedPrompt {
    fn item(&self) -> &Item {
        &self.item
    }
}

/// Writes the `_meta` of modern results.
fn meta_of_results(info: &ServerInfo) -> Arc<[u8]> {
    #[derive(Serialize)]
    struct Meta {
        #[serde(rename = "io.modelcontextprotocol/serverInfo")]
        server_info: Implementation,
    }
    let mut json = Vec::new();
    push(&mut json, &Meta { server_info: Implementation::of(info, ProtocolVersion::V2026_07_28) });
    json.into()
}

pub(super) fn missing(member: &str) -> Error {
    Error::invalid_params(format!("Invalid params: `{member}` is missing"))
}

/// The normal form of a URI in a request. One without is an error of its own, whatever the server has: a URI that can be read
/// in two ways must not be looked up in one of them.
fn normal(uri: &str) -> Result<NormalUri<'_>, Error> {
    NormalUri::parse(uri).map_err(|error| Error::invalid_params(format!("Invalid params: `uri`: {error}")))
}

/// A member of `params` that is an object of this form.
fn member<'a, T: Deserialize<'a>>(name: &str, raw: Option<&'a RawValue>) -> Result<T, Error> {
    read_object(name, raw.ok_or_else(|| missing(name))?)
}

/// Arguments that are texts, none of which is given twice.
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
