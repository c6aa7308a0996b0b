//! The rows of the tables in generated code.

use std::time::Duration;

use schemars::{Schema, SchemaGenerator};

use super::parameter::Parameter;
use super::time_limit::TimeLimit;
use crate::auth::{DeclaredTarget, ScopeSet};
use crate::protocol::completion::Completion;
use crate::protocol::icon::Icon;
use crate::protocol::prompts::PromptResult;
use crate::protocol::resource_page::ResourcePage;
use crate::protocol::resources::ReadResult;
use crate::protocol::tools::{ToolAnnotations, ToolResult};
use crate::server::call::Glue;
use crate::server::call::guard::GuardGlue;
use crate::server::rates::rate::Rate;

/// The members that the rows of all tables have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Offer {
    /// The name of a tool or a prompt, or the URI of a resource.
    pub(crate) key: &'static str,
    pub(crate) title: Option<&'static str>,
    pub(crate) needs: RowScopes,
    /// The names of the guards, for manifests.
    pub(crate) guards: &'static [&'static str],
    /// The parts of the request that the method takes.
    pub(crate) parts: &'static [PartOfRequest],
    /// Set if the item is listed only for callers with its scopes.
    pub(crate) hidden: bool,
    pub(crate) rate: Option<Rate>,
    pub(crate) icons: &'static [Icon],
    /// A JSON object.
    pub(crate) meta: Option<&'static str>,
    pub(crate) time_limit: TimeLimit,
}

impl Offer {
    pub(crate) const fn new(key: &'static str) -> Self {
        Self {
            key,
            title: None,
            needs: RowScopes::Further(&[]),
            guards: &[],
            parts: &[],
            hidden: false,
            rate: None,
            icons: &[],
            meta: None,
            time_limit: TimeLimit::Inherited,
        }
    }
}

/// A part of the request that a method takes.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct PartOfRequest {
    /// Set if the part is made by the server, which takes time and can fail.
    pub(crate) is_made: bool,
    /// The API that the method calls with it.
    pub(crate) target: Option<&'static DeclaredTarget>,
}

/// The scopes of a row.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RowScopes {
    /// All scopes, in the block of the server itself.
    Declared(&'static ScopeSet),
    /// The scopes beyond those of the server, in a part. Defaults to none.
    Further(&'static [&'static str]),
}

/// A guard without arguments, by which a hidden item is listed or not.
#[doc(hidden)]
#[derive(Debug)]
pub struct ListGuard<S: 'static> {
    /// The name in its block, by which it is asked once for a list.
    pub(crate) name: &'static str,
    /// Set if the guard decides by the item, and is asked about each.
    pub(crate) is_by_item: bool,
    /// Set in a part, if the block is that of its server.
    pub(crate) is_of_server: bool,
    pub(crate) glue: GuardGlue<S>,
}

impl<S: 'static> ListGuard<S> {
    pub const fn new(name: &'static str, glue: GuardGlue<S>) -> Self {
        Self { name, is_by_item: false, is_of_server: false, glue }
    }

    pub const fn of_server(name: &'static str, glue: GuardGlue<S>) -> Self {
        Self { name, is_by_item: false, is_of_server: true, glue }
    }

    pub const fn by_item(mut self, is_by_item: bool) -> Self {
        self.is_by_item |= is_by_item;
        self
    }
}

/// The builder methods that all rows have.
macro_rules! offers {
    ($($row:ident)*) => {$(
        impl<S: 'static> $row<S> {
            pub const fn title(mut self, title: &'static str) -> Self {
                self.offer.title = Some(title);
                self
            }

            pub const fn scopes(mut self, scopes: &'static ScopeSet) -> Self {
                self.offer.needs = RowScopes::Declared(scopes);
                self
            }

            pub const fn further_scopes(mut self, scopes: &'static [&'static str]) -> Self {
                self.offer.needs = RowScopes::Further(scopes);
                self
            }

            pub const fn takes(mut self, parts: &'static [PartOfRequest]) -> Self {
                self.offer.parts = parts;
                self
            }

            pub const fn guarded_by(mut self, guards: &'static [&'static str]) -> Self {
                self.offer.guards = guards;
                self
            }

            pub const fn hidden(mut self) -> Self {
                self.offer.hidden = true;
                self
            }

            pub const fn rate(mut self, rate: Rate) -> Self {
                self.offer.rate = Some(rate);
                self
            }

            pub const fn listed_by(mut self, guards: &'static [ListGuard<S>]) -> Self {
                self.list_guards = guards;
                self
            }

            pub const fn icons(mut self, icons: &'static [Icon]) -> Self {
                self.offer.icons = icons;
                self
            }

            pub const fn meta(mut self, json: &'static str) -> Self {
                self.offer.meta = Some(json);
                self
            }

            pub const fn timeout_ms(mut self, milliseconds: u64) -> Self {
                self.offer.time_limit = TimeLimit::Own(Duration::from_millis(milliseconds));
                self
            }

            pub const fn blocking(mut self) -> Self {
                self.offer.time_limit = TimeLimit::Blocking;
                self
            }
        }
    )*};
}
offers!(Tool Resource Prompt);

/// One tool, with its definition, its scopes and its glue.
#[doc(hidden)]
#[derive(Debug)]
pub struct Tool<S: 'static> {
    pub(crate) offer: Offer,
    pub(crate) description: &'static str,
    pub(crate) annotations: ToolAnnotations,
    pub(crate) parameters: &'static [Parameter],
    /// The schema as JSON. Defaults to that of the parameters.
    pub(crate) input_schema: Option<&'static str>,
    pub(crate) output_schema: fn(&mut SchemaGenerator) -> Option<Schema>,
    pub(crate) task: TaskSupport,
    /// Defaults to the dialect of the server.
    pub(crate) lenient: Option<bool>,
    pub(crate) list_guards: &'static [ListGuard<S>],
    pub(crate) glue: Glue<S, ToolResult>,
}

/// The support of a tool for tasks.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskSupport {
    Never,
    Optional,
    Required,
}

impl<S: 'static> Tool<S> {
    pub const fn new(
        name: &'static str,
        description: &'static str,
        output_schema: fn(&mut SchemaGenerator) -> Option<Schema>,
        glue: Glue<S, ToolResult>,
    ) -> Self {
        Self {
            offer: Offer::new(name),
            description,
            annotations: ToolAnnotations::NONE,
            parameters: &[],
            input_schema: None,
            output_schema,
            task: TaskSupport::Never,
            lenient: None,
            list_guards: &[],
            glue,
        }
    }

    pub const fn parameters(mut self, parameters: &'static [Parameter]) -> Self {
        self.parameters = parameters;
        self
    }

    pub const fn input_schema(mut self, json: &'static str) -> Self {
        self.input_schema = Some(json);
        self
    }

    pub const fn task(mut self, support: TaskSupport) -> Self {
        self.task = support;
        self
    }

    pub const fn lenient(mut self, value: bool) -> Self {
        self.lenient = Some(value);
        self
    }

    pub const fn read_only(mut self, value: bool) -> Self {
        self.annotations.read_only_hint = Some(value);
        self
    }

    pub const fn destructive(mut self, value: bool) -> Self {
        self.annotations.destructive_hint = Some(value);
        self
    }

    pub const fn idempotent(mut self, value: bool) -> Self {
        self.annotations.idempotent_hint = Some(value);
        self
    }

    pub const fn open_world(mut self, value: bool) -> Self {
        self.annotations.open_world_hint = Some(value);
        self
    }
}

/// One resource or template.
#[doc(hidden)]
#[derive(Debug)]
pub struct Resource<S: 'static> {
    /// The key is a URI, or a template (RFC 6570).
    pub(crate) offer: Offer,
    pub(crate) name: &'static str,
    pub(crate) description: Option<&'static str>,
    pub(crate) mime_type: Option<&'static str>,
    /// The size in bytes.
    pub(crate) size: Option<u64>,
    pub(crate) audience: &'static [&'static str],
    pub(crate) priority: Option<f64>,
    pub(crate) last_modified: Option<&'static str>,
    /// The time for which a client may keep the resource, in milliseconds.
    pub(crate) ttl_ms: u64,
    pub(crate) list_guards: &'static [ListGuard<S>],
    pub(crate) glue: Glue<S, ReadResult>,
    pub(crate) list: Option<ResourceListRow<S>>,
    /// The parts of the request that the method of the list takes.
    pub(crate) list_parts: &'static [PartOfRequest],
    /// The guards alone, for subscriptions. Absent if every reader may subscribe.
    pub(crate) guard: Option<GuardGlue<S>>,
}

/// The method that lists the resources of a template.
#[derive(Debug)]
pub(crate) struct ResourceListRow<S> {
    pub(crate) glue: Glue<S, ResourcePage>,
    /// Set if the method has a parameter for the cursor of its next page.
    pub(crate) takes_cursor: bool,
}

impl<S: 'static> Resource<S> {
    pub const fn new(uri: &'static str, name: &'static str, glue: Glue<S, ReadResult>) -> Self {
        Self {
            offer: Offer::new(uri),
            name,
            description: None,
            mime_type: None,
            size: None,
            audience: &[],
            priority: None,
            last_modified: None,
            ttl_ms: 0,
            list_guards: &[],
            glue,
            list: None,
            list_parts: &[],
            guard: None,
        }
    }

    pub const fn description(mut self, description: &'static str) -> Self {
        self.description = Some(description);
        self
    }

    pub const fn mime_type(mut self, mime_type: &'static str) -> Self {
        self.mime_type = Some(mime_type);
        self
    }

    pub const fn size(mut self, bytes: u64) -> Self {
        self.size = Some(bytes);
        self
    }

    pub const fn audience(mut self, roles: &'static [&'static str]) -> Self {
        self.audience = roles;
        self
    }

    pub const fn priority(mut self, priority: f64) -> Self {
        self.priority = Some(priority);
        self
    }

    pub const fn last_modified(mut self, timestamp: &'static str) -> Self {
        self.last_modified = Some(timestamp);
        self
    }

    pub const fn ttl_ms(mut self, milliseconds: u64) -> Self {
        self.ttl_ms = milliseconds;
        self
    }

    pub const fn list(mut self, glue: Glue<S, ResourcePage>) -> Self {
        self.list = Some(ResourceListRow { glue, takes_cursor: false });
        self
    }

    pub const fn list_by_cursor(mut self, glue: Glue<S, ResourcePage>) -> Self {
        self.list = Some(ResourceListRow { glue, takes_cursor: true });
        self
    }

    pub const fn list_takes(mut self, parts: &'static [PartOfRequest]) -> Self {
        self.list_parts = parts;
        self
    }

    pub const fn guard(mut self, glue: GuardGlue<S>) -> Self {
        self.guard = Some(glue);
        self
    }
}

/// One prompt.
#[doc(hidden)]
#[derive(Debug)]
pub struct Prompt<S: 'static> {
    pub(crate) offer: Offer,
    pub(crate) description: &'static str,
    pub(crate) arguments: &'static [PromptArgument],
    pub(crate) list_guards: &'static [ListGuard<S>],
    pub(crate) glue: Glue<S, PromptResult>,
}

impl<S: 'static> Prompt<S> {
    pub const fn new(name: &'static str, description: &'static str, glue: Glue<S, PromptResult>) -> Self {
        Self { offer: Offer::new(name), description, arguments: &[], list_guards: &[], glue }
    }

    pub const fn arguments(mut self, arguments: &'static [PromptArgument]) -> Self {
        self.arguments = arguments;
        self
    }
}

/// One argument of a prompt.
#[doc(hidden)]
#[derive(Debug)]
pub struct PromptArgument {
    pub(crate) name: &'static str,
    pub(crate) description: Option<&'static str>,
    /// Returns `true` if the type can be read from an absent value.
    is_optional: fn() -> bool,
    has_default: bool,
}

impl PromptArgument {
    pub(crate) fn is_required(&self) -> bool {
        !self.has_default && !(self.is_optional)()
    }

    pub const fn new(name: &'static str, is_optional: fn() -> bool) -> Self {
        Self { name, description: None, is_optional, has_default: false }
    }

    pub const fn description(mut self, description: &'static str) -> Self {
        self.description = Some(description);
        self
    }

    pub const fn with_default(mut self) -> Self {
        self.has_default = true;
        self
    }
}

/// The completion of an argument of a prompt, or of a variable of a template.
#[doc(hidden)]
#[derive(Debug)]
pub struct CompletionRow<S> {
    pub(crate) of: CompletionTarget,
    pub(crate) argument: &'static str,
    pub(crate) time_limit: TimeLimit,
    /// The parts of the request that the method takes.
    pub(crate) parts: &'static [PartOfRequest],
    pub(crate) glue: Glue<S, Completion>,
}

/// The owner of the argument that is completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum CompletionTarget {
    Prompt(&'static str),
    /// A resource, by its URI template.
    Resource(&'static str),
}

impl CompletionTarget {
    /// Returns the name of the prompt, or the template.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Prompt(key) | Self::Resource(key) => key,
        }
    }
}

impl<S> CompletionRow<S> {
    pub const fn of_prompt(name: &'static str, argument: &'static str, glue: Glue<S, Completion>) -> Self {
        Self { of: CompletionTarget::Prompt(name), argument, parts: &[], time_limit: TimeLimit::Inherited, glue }
    }

    pub const fn of_resource(template: &'static str, argument: &'static str, glue: Glue<S, Completion>) -> Self {
        Self { of: CompletionTarget::Resource(template), argument, parts: &[], time_limit: TimeLimit::Inherited, glue }
    }

    pub const fn timeout_ms(mut self, milliseconds: u64) -> Self {
        self.time_limit = TimeLimit::Own(Duration::from_millis(milliseconds));
        self
    }

    pub const fn blocking(mut self) -> Self {
        self.time_limit = TimeLimit::Blocking;
        self
    }

    pub const fn takes(mut self, parts: &'static [PartOfRequest]) -> Self {
        self.parts = parts;
        self
    }
}
