//! The catalog of a server: everything that it offers at one time.

pub(crate) mod composition;
pub(crate) mod composition_error;
pub(crate) mod discovery;
mod interned;
pub(crate) mod item;
pub(crate) mod listing;
pub(crate) mod new_part;
pub(crate) mod operation;
#[cfg(feature = "http")]
pub(crate) mod parameter_headers;
pub(crate) mod prepared;
pub(crate) mod resource_list;
pub(crate) mod schema;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use mcp_core::{NormalUri, UriIndex, UriMatch};

use self::composition::{all, by_key};
use self::composition_error::{CompositionError, Kind};
use self::discovery::{Introduction, Offers, meta_of_results};
use self::item::Item;
use self::listing::{ListItem, Listing};
#[cfg(feature = "http")]
use self::parameter_headers::ParameterHeaders;
use self::prepared::{PreparedBlock, PreparedCompletion, PreparedPrompt, PreparedResource, PreparedTool};
use self::resource_list::PageLimits;
use super::declare::info::ServerInfo;
#[cfg(feature = "testing")]
use super::declare::parameter::Parameter;
use super::declare::rows::{CompletionTarget, TaskSupport};
use super::rates::rate::Rate;
use super::rates::settings::Rates;
use super::tasks::Tasks;
use crate::auth::RequiredScopes;
use crate::protocol::error::Error;
use crate::protocol::response::{ResultBody, ResultKind};
use crate::protocol::version::ProtocolVersion;

/// Everything that a server offers. Immutable: a change of the offer replaces the catalog.
pub(crate) struct Catalog {
    introduction: Introduction,
    tools: Listing<PreparedTool>,
    tools_by_name: HashMap<&'static str, Arc<PreparedTool>>,
    resources: Listing<PreparedResource>,
    /// The limits of the pages of `resources/list`.
    page_limits: PageLimits,
    /// Set if resources of a template are in the list, too.
    has_lists: bool,
    templates: Listing<PreparedResource>,
    resources_by_uri: UriIndex<Arc<PreparedResource>>,
    prompts: Listing<PreparedPrompt>,
    prompts_by_name: HashMap<&'static str, Arc<PreparedPrompt>>,
    /// The completions by the owner and the name of their argument.
    completions: HashMap<CompletionTarget, HashMap<&'static str, Arc<PreparedCompletion>>>,
    tasks: Arc<Mutex<Tasks>>,
    /// The rates of the server and of items, where they are not those of the items' attributes.
    rates: Rates,
    /// The result of `server/discover`.
    discover: Vec<u8>,
    #[cfg(feature = "http")]
    pub(crate) parameter_headers: ParameterHeaders,
    /// The `_meta` of modern results, which names the server.
    meta: Arc<[u8]>,
}

/// A resource with the request's values for it.
pub(crate) struct ResourceMatch<'a> {
    pub(crate) resource: &'a PreparedResource,
    /// The values of the variables.
    pub(super) values: Vec<(&'a str, String)>,
    /// The scopes of every reading of the URI, which can be more than those of the resource.
    pub(crate) needed: Cow<'a, RequiredScopes>,
}

impl Catalog {
    /// Composes a catalog of blocks, without disabled tools.
    pub(super) fn new(
        info: ServerInfo,
        blocks: &[Arc<PreparedBlock>],
        tasks: &Arc<Mutex<Tasks>>,
        page_limits: PageLimits,
        announces: bool,
        rates: &Rates,
        is_disabled: impl Fn(&str) -> bool,
    ) -> Result<Self, CompositionError> {
        let meta = meta_of_results(&info);
        let page_size = page_limits.items;
        // Disabled tools clash as well: they can be enabled later.
        let mut tools_by_name = by_key(Kind::Tool, blocks, |block| &block.tools)?;
        tools_by_name.retain(|name, _| !is_disabled(name));
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
        let tools = Listing::new("tools", tools, page_size, &meta);
        let resources = list("resources", resources);
        let templates = list("resourceTemplates", templates);
        let prompts = Listing::new("prompts", all(blocks, |block| &block.prompts).collect(), page_size, &meta);
        let introduction = Introduction {
            info,
            offers: Offers {
                tools: !tools.items().is_empty(),
                resources: !resources.items().is_empty() || !templates.items().is_empty(),
                prompts: !prompts.items().is_empty(),
                completions: !completions.is_empty(),
            },
            has_tasks: blocks.iter().flat_map(|block| &block.tools).any(|tool| tool.task != TaskSupport::Never),
            announces,
        };
        let discover = introduction.discover(&meta);
        Ok(Self {
            introduction,
            tools,
            tools_by_name,
            resources,
            page_limits,
            has_lists: templates.items().iter().any(|template| template.list.is_some()),
            templates,
            resources_by_uri,
            prompts,
            prompts_by_name,
            completions,
            tasks: Arc::clone(tasks),
            rates: Rates { server: rates.server.or(info.rate), ..rates.clone() },
            discover,
            #[cfg(feature = "http")]
            parameter_headers,
            meta,
        })
    }

    /// Finishes a result of this server.
    pub(super) fn finish(&self, body: ResultBody, version: ProtocolVersion, kind: ResultKind) -> Vec<u8> {
        body.finish(version, kind, &self.meta)
    }

    /// Returns the resource of a URI, with all scopes that the URI needs. All code that takes a URI uses this.
    pub(crate) fn resource(&self, uri: &NormalUri<'_>) -> Option<ResourceMatch<'_>> {
        let UriMatch { item, values, further_scopes, .. } = self.resources_by_uri.find(uri)?;
        let own = &item.item.needed;
        let needed = match &*further_scopes {
            [] => Cow::Borrowed(own),
            further => Cow::Owned(RequiredScopes::Composed(own.scopes().iter().chain(further).copied().collect())),
        };
        Some(ResourceMatch { resource: item, values, needed })
    }

    /// Returns all items by their kind.
    pub(crate) fn items(&self) -> [(Kind, Vec<&Item>); 4] {
        fn of<T: ListItem>(listing: &Listing<T>) -> Vec<&Item> {
            listing.items().iter().map(|item| item.item()).collect()
        }
        [
            (Kind::Tool, of(&self.tools)),
            (Kind::Resource, of(&self.resources)),
            (Kind::Template, of(&self.templates)),
            (Kind::Prompt, of(&self.prompts)),
        ]
    }

    /// Returns the APIs that listed items call in the names of their callers, each once.
    #[cfg(feature = "http")]
    pub(crate) fn targets(&self) -> Vec<String> {
        let mut targets: Vec<String> = Vec::new();
        for item in self.items().into_iter().flat_map(|(_, items)| items).filter(|item| !item.hidden) {
            for target in item.targets.iter().map(ToString::to_string) {
                if !targets.contains(&target) {
                    targets.push(target);
                }
            }
        }
        targets
    }

    /// Returns the rate of all requests to the server.
    pub(crate) fn rate(&self) -> Option<Rate> {
        self.rates.server
    }

    /// Returns the rate of an item.
    pub(crate) fn rate_of(&self, item: &Item) -> Option<Rate> {
        self.rates.items.get(item.key).copied().or(item.rate)
    }

    /// Returns `true` if the model reads an error of a tool.
    pub(super) fn is_for_model(&self, error: &Error) -> bool {
        error.is_for_model() && !(self.rates.only_429 && error.is_rate_limited())
    }

    /// Returns the scopes that a URI needs, if it has a resource.
    #[cfg(feature = "testing")]
    pub(crate) fn scopes_of_uri(&self, uri: &str) -> Option<Vec<&'static str>> {
        let found = self.resource(&NormalUri::parse(uri).ok()?)?;
        Some(found.needed.scopes().to_vec())
    }

    /// Returns each argument that is completed, with the item that has it.
    #[cfg(feature = "testing")]
    pub(crate) fn completions(&self) -> Vec<(&Item, CompletionTarget, &'static str)> {
        let item = |of: &CompletionTarget| match of {
            CompletionTarget::Prompt(name) => self.prompts_by_name.get(name).map(|prompt| &prompt.item),
            CompletionTarget::Resource(template) => {
                let mut templates = self.templates.items().iter();
                templates.find(|resource| resource.item.key == *template).map(|resource| &resource.item)
            }
        };
        let of_items = self.completions.iter().filter_map(|(of, arguments)| Some((item(of)?, *of, arguments)));
        of_items.flat_map(|(item, of, arguments)| arguments.keys().map(move |argument| (item, of, *argument))).collect()
    }

    /// Returns the parameters of a tool.
    #[cfg(feature = "testing")]
    pub(crate) fn parameters(&self, tool: &str) -> Vec<&'static Parameter> {
        let tool = self.tools_by_name.get(tool);
        tool.map(|tool| tool.parameters.iter().map(|prepared| prepared.parameter).collect()).unwrap_or_default()
    }

    /// Returns the kinds of items in the catalog.
    pub(crate) fn offers(&self) -> Offers {
        self.introduction.offers
    }
}

impl ListItem for PreparedTool {
    fn item(&self) -> &Item {
        &self.item
    }
}

impl ListItem for PreparedResource {
    fn item(&self) -> &Item {
        &self.item
    }
}

impl ListItem for PreparedPrompt {
    fn item(&self) -> &Item {
        &self.item
    }
}
