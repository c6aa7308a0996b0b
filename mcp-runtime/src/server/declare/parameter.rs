//! The parameters of a tool.

use schemars::{Schema, SchemaGenerator};

use super::constraint::{Constraints, Length, Mirror, Pattern, Range, Text};

/// The properties of a parameter's type that its declaration needs.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct ParameterType {
    pub(crate) schema: fn(&mut SchemaGenerator) -> Schema,
    /// Returns `true` if the type can be read from an absent value.
    pub(crate) is_optional: fn() -> bool,
    /// The schema without a reference, for a struct whose fields are arguments of the tool.
    pub(crate) fields: Option<fn(&mut SchemaGenerator) -> Schema>,
}

/// One argument of a tool.
#[doc(hidden)]
#[derive(Debug)]
pub struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) description: Option<&'static str>,
    pub(crate) ty: ParameterType,
    /// JSON, or `None` for a default that is not a literal.
    pub(crate) default: Option<&'static str>,
    pub(crate) has_default: bool,
    pub(crate) constraints: Constraints,
    /// The header that repeats the argument, without `Mcp-Param-`.
    pub(crate) header: Option<&'static str>,
}

impl Parameter {
    pub(crate) fn is_required(&self) -> bool {
        !self.has_default && !(self.ty.is_optional)()
    }

    /// Returns `true` if `null` means an absent argument, and not the default.
    pub(crate) fn absent_is_null(&self) -> bool {
        !self.has_default && (self.ty.is_optional)()
    }

    pub const fn new(name: &'static str, ty: ParameterType) -> Self {
        let constraints = Constraints::NONE;
        Self { name, description: None, ty, default: None, has_default: false, constraints, header: None }
    }

    pub const fn description(mut self, description: &'static str) -> Self {
        self.description = Some(description);
        self
    }

    /// Sets a default that the schema contains.
    pub const fn default_json(mut self, json: &'static str) -> Self {
        self.default = Some(json);
        self.has_default = true;
        self
    }

    /// Declares a default that is not in the schema.
    pub const fn default_computed(mut self) -> Self {
        self.has_default = true;
        self
    }

    pub const fn range(mut self, range: Range) -> Self {
        self.constraints.range = Some(range);
        self
    }

    pub const fn length(mut self, length: Length) -> Self {
        self.constraints.length = Some(length);
        self
    }

    pub const fn pattern(mut self, _: Text, pattern: &'static str) -> Self {
        self.constraints.pattern = Some(Pattern::new(pattern));
        self
    }

    pub const fn header(mut self, _: Mirror, name: &'static str) -> Self {
        self.header = Some(name);
        self
    }
}
