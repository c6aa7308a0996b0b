//! Prepared blocks, whose types are erased, with everything that is computed once.

use std::sync::Arc;

use mcp_core::{ExpansionError, UriTemplate};
use serde_json::value::RawValue;

use super::composition_error::{CompositionError, Problem};
use super::interned::interned;
use super::item::{Item, PreparedListGuard};
use super::schema;
use crate::auth::{DeclaredProtection, DeclaredTarget, RequiredScopes, ScopeSet};
use crate::protocol::completion::Completion;
use crate::protocol::icon::Icon;
use crate::protocol::prompts::{PromptArgumentDefinition, PromptDefinition, PromptResult};
use crate::protocol::resource_page::{ResourceEntry, ResourcePage};
use crate::protocol::resources::{ReadResult, ResourceAnnotations, ResourceDefinition};
use crate::protocol::response::push;
use crate::protocol::tools::{ToolDefinition, ToolResult, fits_schema};
use crate::protocol::version::ProtocolVersion;
use crate::server::Block;
use crate::server::call::dynamic::DynamicTool;
use crate::server::call::guard::{Guarded, ObjectGuard};
use crate::server::call::parameters::PreparedParameters;
use crate::server::call::{Method, ObjectMethod};
use crate::server::declare::info::Dialect;
use crate::server::declare::item::ItemKind;
use crate::server::declare::rows::{CompletionRow, CompletionTarget, Offer, Prompt, Resource, TaskSupport, Tool};
use crate::server::declare::time_limit::TimeLimit;
use crate::server::layers::around::Around;

/// The name of the blocks of tools that are known at run time only, for messages.
pub(super) const DYNAMIC: &str = "DynamicTool";

/// Returns the scopes that every request to a server needs.
pub(crate) fn required(protection: Option<&'static DeclaredProtection>) -> &'static ScopeSet {
    protection.map_or(ScopeSet::NONE, |protection| protection.required)
}

/// A block with its object and its items.
pub(crate) struct PreparedBlock {
    /// The name of the type, for messages.
    pub(super) name: &'static str,
    /// Set for a tool that is known at run time only.
    pub(crate) is_dynamic: bool,
    pub(crate) tools: Vec<Arc<PreparedTool>>,
    /// The resources and templates in the order of their declaration.
    pub(crate) resources: Vec<(UriTemplate, Arc<PreparedResource>)>,
    pub(crate) prompts: Vec<Arc<PreparedPrompt>>,
    pub(crate) completions: Vec<Arc<PreparedCompletion>>,
}

impl PreparedBlock {
    /// Prepares a block for a server where each request needs the scopes `required`.
    ///
    /// # Errors
    /// Two arguments of a tool have one name.
    pub(crate) fn new<B: Block>(
        block: &Arc<B>,
        required: &'static ScopeSet,
        dialect: Dialect,
    ) -> Result<Self, CompositionError> {
        let tools = B::TOOLS.iter().map(|tool| PreparedTool::new(tool, block, required, dialect).map(Arc::new));
        Ok(Self {
            name: B::NAME,
            is_dynamic: false,
            tools: tools.collect::<Result<_, _>>()?,
            resources: (B::RESOURCES.iter())
                .filter_map(|resource| {
                    // The macro has parsed the template.
                    let template = UriTemplate::parse(resource.offer.key).ok()?;
                    let resource = PreparedResource::new(resource, &template, block, required);
                    Some((template, Arc::new(resource)))
                })
                .collect(),
            prompts: (B::PROMPTS.iter()).map(|prompt| Arc::new(PreparedPrompt::new(prompt, block, required))).collect(),
            completions: (B::COMPLETIONS.iter())
                .map(|completion| Arc::new(PreparedCompletion::new(completion, block)))
                .collect(),
        })
    }

    /// Returns the block with `around` around its methods.
    pub(crate) fn wrapped(&self, around: &Around<'_>) -> Self {
        fn all<T>(items: &[Arc<T>], wrapped: impl Fn(&T) -> Option<T>) -> Vec<Arc<T>> {
            items.iter().map(|item| wrapped(item).map_or_else(|| Arc::clone(item), Arc::new)).collect()
        }
        let resource = |(template, resource): &(UriTemplate, Arc<PreparedResource>)| {
            let wrapped = resource.wrapped(around).map_or_else(|| Arc::clone(resource), Arc::new);
            (template.clone(), wrapped)
        };
        Self {
            name: self.name,
            is_dynamic: self.is_dynamic,
            tools: all(&self.tools, |tool| tool.wrapped(around)),
            resources: self.resources.iter().map(resource).collect(),
            prompts: all(&self.prompts, |prompt| prompt.wrapped(around)),
            completions: all(&self.completions, |completion| completion.wrapped(around)),
        }
    }

    /// Prepares a block of one tool that is known at run time only.
    ///
    /// # Errors
    /// The server does not declare a scope of the tool, or the program has had too many names.
    pub(super) fn of_tool(
        tool: DynamicTool,
        protection: Option<&'static DeclaredProtection>,
        dialect: Dialect,
        max_names: usize,
    ) -> Result<Self, CompositionError> {
        Ok(Self {
            name: DYNAMIC,
            is_dynamic: true,
            tools: vec![Arc::new(PreparedTool::dynamic(tool, protection, dialect, max_names)?)],
            resources: Vec::new(),
            prompts: Vec::new(),
            completions: Vec::new(),
        })
    }
}

impl PreparedBlock {
    /// Returns the names and URIs of all items.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &'static str> {
        let tools = self.tools.iter().map(|tool| tool.item.key);
        let resources = self.resources.iter().map(|(_, resource)| resource.item.key);
        tools.chain(resources).chain(self.prompts.iter().map(|prompt| prompt.item.key))
    }

    /// Returns the APIs that methods call, with the item of each.
    #[cfg(feature = "exchange")]
    pub(crate) fn targets(&self) -> impl Iterator<Item = (&'static str, &'static DeclaredTarget)> {
        let tools = self.tools.iter().map(|tool| &tool.item);
        let resources = self.resources.iter().map(|(_, resource)| &resource.item);
        let items = tools.chain(resources).chain(self.prompts.iter().map(|prompt| &prompt.item));
        let of_items = items.flat_map(|item| item.targets.iter().map(|target| (item.key, *target)));
        let of_completion = |completion: &'_ Arc<PreparedCompletion>| (completion.argument, completion.targets.clone());
        let of_completions = self.completions.iter().map(of_completion);
        of_items.chain(of_completions.flat_map(|(key, targets)| targets.into_iter().map(move |target| (key, target))))
    }
}

/// A tool, ready to be listed and called.
pub(crate) struct PreparedTool {
    pub(crate) item: Item,
    pub(crate) parameters: Arc<PreparedParameters>,
    pub(crate) has_output_schema: bool,
    pub(crate) task: TaskSupport,
    pub(crate) method: Box<dyn Method<ToolResult>>,
}

impl PreparedTool {
    fn new<S: Block>(
        tool: &'static Tool<S>,
        block: &Arc<S>,
        required: &'static ScopeSet,
        dialect: Dialect,
    ) -> Result<Self, CompositionError> {
        let input_schema = schema::input_schema(tool, dialect)?;
        let output_schema = schema::output_schema(tool.output_schema, dialect);
        let define = |version: ProtocolVersion| {
            written(&ToolDefinition {
                name: tool.offer.key,
                title: tool.offer.title.filter(|_| version.has_titles()),
                description: tool.description,
                input_schema: &input_schema,
                output_schema: output_schema.as_ref().filter(|schema| fits_schema(version, schema)),
                annotations: tool.annotations,
                icons: if version.has_icons() { tool.offer.icons } else { &[] },
                meta: meta(&tool.offer, version),
            })
        };
        Ok(Self {
            item: Item::new(
                ItemKind::Tool,
                &tool.offer,
                PreparedListGuard::all(tool.list_guards, block),
                required,
                define,
            ),
            parameters: Arc::new(PreparedParameters::new(tool.parameters, tool.lenient.unwrap_or(dialect.lenient))),
            has_output_schema: output_schema.is_some(),
            task: tool.task,
            method: ObjectMethod::method(block, tool.glue),
        })
    }

    fn wrapped(&self, around: &Around<'_>) -> Option<Self> {
        self.item.wrapped(around).map(|item| Self {
            method: around.wrap(&*self.method, item.key, item.time_limit),
            item,
            parameters: Arc::clone(&self.parameters),
            has_output_schema: self.has_output_schema,
            task: self.task,
        })
    }
}

impl PreparedTool {
    /// Prepares a tool that is known at run time only. The tool checks its arguments itself.
    fn dynamic(
        tool: DynamicTool,
        protection: Option<&'static DeclaredProtection>,
        dialect: Dialect,
        max_names: usize,
    ) -> Result<Self, CompositionError> {
        let name = tool.name.as_str();
        let too_many = || CompositionError::new(Problem::TooManyNames { tool: name.to_owned(), limit: max_names });
        let key = interned(name, max_names).ok_or_else(too_many)?;
        if protection.is_none() && tool.rate.is_some() {
            return Err(CompositionError::new(Problem::RateWithoutCallers { tool: key }));
        }
        let required = required(protection);
        let optional = protection.map_or(&[][..], |protection| protection.optional);
        let declared = || required.scopes.iter().chain(optional);
        let mut scopes = required.scopes.to_vec();
        for scope in &tool.scopes {
            let scope = declared()
                .find(|declared| **declared == scope)
                .ok_or_else(|| CompositionError::new(Problem::UndeclaredScope { tool: key, scope: scope.clone() }))?;
            if !scopes.contains(scope) {
                scopes.push(scope);
            }
        }
        let input_schema = schema::dynamic_schema(&tool.input_schema);
        let output_schema = schema::output_schema(tool.output_schema, dialect);
        let define = |version: ProtocolVersion| {
            written(&ToolDefinition {
                name: key,
                title: tool.title.as_deref().filter(|_| version.has_titles()),
                description: &tool.description,
                input_schema: &input_schema,
                output_schema: output_schema.as_ref().filter(|schema| fits_schema(version, schema)),
                annotations: tool.annotations,
                icons: &[],
                meta: None,
            })
        };
        let guards = tool.guards();
        let offer = Offer {
            hidden: tool.is_hidden,
            rate: tool.rate,
            time_limit: tool.timeout.map_or(TimeLimit::Inherited, TimeLimit::Own),
            ..Offer::new(key)
        };
        let mut item = Item::new(ItemKind::Tool, &offer, Arc::default(), required, define);
        item.has_verdict = !guards.is_empty();
        item.guards = guards.into();
        if scopes.len() > required.scopes.len() {
            item.needed = RequiredScopes::Composed(scopes.into());
        } else if item.hidden {
            return Err(CompositionError::new(Problem::HiddenFromNobody { tool: key }));
        }
        let parameters = Arc::new(PreparedParameters::new(&[], true));
        let has_output_schema = output_schema.is_some();
        Ok(Self { item, parameters, has_output_schema, task: TaskSupport::Never, method: Box::new(Arc::new(tool)) })
    }
}

/// A resource or a template, ready to be listed and read.
pub(crate) struct PreparedResource {
    pub(crate) item: Item,
    pub(crate) mime_type: Option<&'static str>,
    pub(crate) ttl_ms: u64,
    pub(crate) method: Box<dyn Method<ReadResult>>,
    /// The method that lists the resources of a template.
    pub(crate) list: Option<PreparedList>,
    /// The guards alone, for subscriptions.
    pub(crate) guard: Option<Arc<dyn Guarded>>,
}

/// The method that lists the resources of a template, ready to be called.
pub(crate) struct PreparedList {
    template: UriTemplate,
    icons: &'static [Icon],
    pub(super) takes_cursor: bool,
    pub(crate) method: Box<dyn Method<ResourcePage>>,
}

impl PreparedList {
    /// The time limit of a list, which is none of its template's.
    const TIME_LIMIT: TimeLimit = TimeLimit::Inherited;

    fn wrapped(&self, around: &Around<'_>, template: &'static str) -> Self {
        Self {
            template: self.template.clone(),
            icons: self.icons,
            takes_cursor: self.takes_cursor,
            method: around.wrap(&*self.method, template, Self::TIME_LIMIT),
        }
    }

    /// Writes an entry of the list.
    pub(super) fn write(
        &self,
        entry: &ResourceEntry,
        mime_type: Option<&str>,
        version: ProtocolVersion,
    ) -> Result<Vec<u8>, ExpansionError> {
        entry.write(&self.template, mime_type, self.icons, version)
    }
}

impl PreparedResource {
    fn new<S: Block>(
        resource: &'static Resource<S>,
        template: &UriTemplate,
        block: &Arc<S>,
        required: &'static ScopeSet,
    ) -> Self {
        let (key, is_template) = (resource.offer.key, !template.is_fixed());
        let define = |version: ProtocolVersion| {
            written(&ResourceDefinition {
                uri: (!is_template).then_some(key),
                uri_template: is_template.then_some(key),
                name: resource.name,
                title: resource.offer.title.filter(|_| version.has_titles()),
                description: resource.description,
                mime_type: resource.mime_type,
                size: resource.size,
                annotations: ResourceAnnotations {
                    audience: resource.audience,
                    priority: resource.priority,
                    last_modified: resource.last_modified.filter(|_| version.has_titles()),
                },
                icons: if version.has_icons() { resource.offer.icons } else { &[] },
                meta: meta(&resource.offer, version),
            })
        };
        let list_guards = PreparedListGuard::all(resource.list_guards, block);
        let mut item = Item::new(ItemKind::Resource, &resource.offer, list_guards, required, define);
        item.targets.extend(resource.list_parts.iter().filter_map(|part| part.target));
        Self {
            item,
            mime_type: resource.mime_type,
            ttl_ms: resource.ttl_ms,
            method: ObjectMethod::method(block, resource.glue),
            list: resource.list.as_ref().map(|list| PreparedList {
                template: template.clone(),
                icons: resource.offer.icons,
                takes_cursor: list.takes_cursor,
                method: ObjectMethod::method(block, list.glue),
            }),
            guard: resource.guard.map(|glue| ObjectGuard::guard(block, glue)),
        }
    }

    fn wrapped(&self, around: &Around<'_>) -> Option<Self> {
        let is_list_wrapped = self.list.is_some() && around.applies(PreparedList::TIME_LIMIT);
        let item = self.item.wrapped(around).or_else(|| is_list_wrapped.then(|| self.item.clone()));
        item.map(|item| Self {
            mime_type: self.mime_type,
            ttl_ms: self.ttl_ms,
            method: around.wrap(&*self.method, item.key, item.time_limit),
            list: self.list.as_ref().map(|list| list.wrapped(around, item.key)),
            guard: self.guard.as_ref().map(|guard| around.guard(guard, item.time_limit)),
            item,
        })
    }
}

/// A prompt, ready to be listed and called.
pub(crate) struct PreparedPrompt {
    pub(crate) item: Item,
    pub(super) arguments: Vec<&'static str>,
    pub(crate) method: Box<dyn Method<PromptResult>>,
}

impl PreparedPrompt {
    fn new<S: Block>(prompt: &'static Prompt<S>, block: &Arc<S>, required: &'static ScopeSet) -> Self {
        let define = |version: ProtocolVersion| {
            written(&PromptDefinition {
                name: prompt.offer.key,
                title: prompt.offer.title.filter(|_| version.has_titles()),
                description: prompt.description,
                arguments: (prompt.arguments.iter())
                    .map(|argument| PromptArgumentDefinition {
                        name: argument.name,
                        description: argument.description,
                        required: argument.is_required(),
                    })
                    .collect(),
                icons: if version.has_icons() { prompt.offer.icons } else { &[] },
                meta: meta(&prompt.offer, version),
            })
        };
        Self {
            item: Item::new(
                ItemKind::Prompt,
                &prompt.offer,
                PreparedListGuard::all(prompt.list_guards, block),
                required,
                define,
            ),
            arguments: prompt.arguments.iter().map(|argument| argument.name).collect(),
            method: ObjectMethod::method(block, prompt.glue),
        }
    }

    fn wrapped(&self, around: &Around<'_>) -> Option<Self> {
        self.item.wrapped(around).map(|item| Self {
            method: around.wrap(&*self.method, item.key, item.time_limit),
            item,
            arguments: self.arguments.clone(),
        })
    }
}

/// A completion, ready to be called.
pub(crate) struct PreparedCompletion {
    pub(crate) of: CompletionTarget,
    pub(crate) argument: &'static str,
    pub(crate) time_limit: TimeLimit,
    /// Set if a part of the request can refuse a call before the method runs.
    pub(crate) has_verdict: bool,
    /// The APIs that the method calls in the name of the caller.
    pub(crate) targets: Vec<&'static DeclaredTarget>,
    pub(crate) method: Box<dyn Method<Completion>>,
}

impl PreparedCompletion {
    fn new<S: Block>(completion: &'static CompletionRow<S>, block: &Arc<S>) -> Self {
        let &CompletionRow { of, argument, parts, time_limit, glue } = completion;
        Self {
            of,
            argument,
            time_limit,
            has_verdict: parts.iter().any(|part| part.is_made),
            targets: parts.iter().filter_map(|part| part.target).collect(),
            method: ObjectMethod::method(block, glue),
        }
    }

    fn wrapped(&self, around: &Around<'_>) -> Option<Self> {
        let &Self { of, argument, has_verdict, time_limit, ref targets, ref method } = self;
        let method = || around.wrap(&**method, of.key(), time_limit);
        around.applies(time_limit).then(|| Self {
            of,
            argument,
            has_verdict,
            time_limit,
            targets: targets.clone(),
            method: method(),
        })
    }
}

fn meta(offer: &Offer, version: ProtocolVersion) -> Option<&'static RawValue> {
    let json = offer.meta.filter(|_| version.has_titles())?;
    // The macro wrote the JSON.
    serde_json::from_str(json).ok()
}

fn written(definition: &impl serde::Serialize) -> Vec<u8> {
    let mut out = Vec::new();
    push(&mut out, definition);
    out
}
