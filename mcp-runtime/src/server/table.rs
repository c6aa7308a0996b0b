//! The const tables that the macros fill in.

use schemars::{Schema, SchemaGenerator};

use super::arguments::Argument;
use super::call::Glue;
use super::constraints::{Measure, Mirror, Number, Text};
use crate::auth::ScopeSet;
use crate::protocol::tools::ToolAnnotations;

/// How a server introduces itself.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct ServerInfo {
    pub name: &'static str,
    pub title: Option<&'static str>,
    pub version: &'static str,
    pub instructions: Option<&'static str>,
}

impl ServerInfo {
    /// For a server whose attribute does not compile, so that its uses bring no further errors.
    pub const UNDECLARED: Self = Self { name: "", title: None, version: "", instructions: None };
}

/// One tool: what is listed, what it needs, and how it is called.
#[doc(hidden)]
pub struct Tool<S> {
    pub(crate) name: &'static str,
    pub(crate) title: Option<&'static str>,
    pub(crate) description: &'static str,
    pub(crate) scopes: &'static ScopeSet,
    /// Not listed for a caller that lacks its scopes.
    pub(crate) hidden: bool,
    pub(crate) annotations: ToolAnnotations,
    pub(crate) parameters: &'static [Parameter],
    pub(crate) output_schema: fn(&mut SchemaGenerator) -> Option<Schema>,
    pub(crate) glue: Glue<S>,
}

impl<S> Tool<S> {
    pub const fn new(
        name: &'static str,
        description: &'static str,
        output_schema: fn(&mut SchemaGenerator) -> Option<Schema>,
        glue: Glue<S>,
    ) -> Self {
        Self {
            name,
            title: None,
            description,
            scopes: ScopeSet::NONE,
            hidden: false,
            annotations: ToolAnnotations {
                read_only_hint: None,
                destructive_hint: None,
                idempotent_hint: None,
                open_world_hint: None,
            },
            parameters: &[],
            output_schema,
            glue,
        }
    }

    pub const fn title(mut self, title: &'static str) -> Self {
        self.title = Some(title);
        self
    }

    pub const fn scopes(mut self, scopes: &'static ScopeSet) -> Self {
        self.scopes = scopes;
        self
    }

    pub const fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }

    pub const fn parameters(mut self, parameters: &'static [Parameter]) -> Self {
        self.parameters = parameters;
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

/// One argument of a tool.
#[doc(hidden)]
#[derive(Debug)]
pub struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) description: Option<&'static str>,
    pub(crate) schema: fn(&mut SchemaGenerator) -> Schema,
    /// Whether a value of the type can come from nothing.
    pub(crate) optional: fn() -> bool,
    /// JSON, or `None` for a default that is not a literal.
    pub(crate) default: Option<&'static str>,
    pub(crate) has_default: bool,
    pub(crate) range: Option<Range>,
    pub(crate) length: Option<Length>,
    pub(crate) pattern: Option<&'static str>,
    /// What follows `Mcp-Param-` in the header that repeats the argument.
    pub(crate) header: Option<&'static str>,
}

/// What a number may be. The ends are JSON, as the schema has them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Range {
    pub(crate) minimum: Option<&'static str>,
    pub(crate) maximum: Option<&'static str>,
    /// Whether the maximum itself is allowed.
    pub(crate) inclusive: bool,
}

/// How long a text or a list may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Length {
    pub(crate) minimum: Option<usize>,
    pub(crate) maximum: Option<usize>,
    pub(crate) measure: Measure,
}

impl Parameter {
    pub(crate) fn is_required(&self) -> bool {
        !self.has_default && !(self.optional)()
    }

    pub const fn new<T: Argument>(name: &'static str) -> Self {
        Self {
            name,
            description: None,
            schema: T::schema,
            optional: T::is_optional,
            default: None,
            has_default: false,
            range: None,
            length: None,
            pattern: None,
            header: None,
        }
    }

    pub const fn description(mut self, description: &'static str) -> Self {
        self.description = Some(description);
        self
    }

    /// A default that the schema shows.
    pub const fn default_json(mut self, json: &'static str) -> Self {
        self.default = Some(json);
        self.has_default = true;
        self
    }

    /// A default that only the code knows.
    pub const fn default_computed(mut self) -> Self {
        self.has_default = true;
        self
    }

    /// `minimum..=maximum`
    pub const fn range(mut self, _: Number, minimum: Option<&'static str>, maximum: Option<&'static str>) -> Self {
        self.range = Some(Range { minimum, maximum, inclusive: true });
        self
    }

    /// `minimum..end`
    pub const fn range_below(mut self, _: Number, minimum: Option<&'static str>, end: &'static str) -> Self {
        self.range = Some(Range { minimum, maximum: Some(end), inclusive: false });
        self
    }

    pub const fn length(mut self, measure: Measure, minimum: Option<usize>, maximum: Option<usize>) -> Self {
        self.length = Some(Length { minimum, maximum, measure });
        self
    }

    pub const fn pattern(mut self, _: Text, pattern: &'static str) -> Self {
        self.pattern = Some(pattern);
        self
    }

    pub const fn header(mut self, _: Mirror, name: &'static str) -> Self {
        self.header = Some(name);
        self
    }
}
