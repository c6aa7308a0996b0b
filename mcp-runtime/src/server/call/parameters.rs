//! The parameters of a tool, prepared for the arguments of calls.

use std::sync::OnceLock;

use serde_json::value::RawValue;

use super::check::Check;
use super::fit::{Fit, fit};
use crate::json::tree::Json;
use crate::server::catalog::schema::shape::Shapes;
use crate::server::declare::parameter::Parameter;

/// A parameter with its check, prepared when the server is built.
pub(crate) struct PreparedParameter {
    pub(crate) parameter: &'static Parameter,
    check: Check,
    /// The names of the arguments that are fields of its struct.
    fields: Vec<String>,
}

impl PreparedParameter {
    pub(crate) fn new(parameter: &'static Parameter) -> Self {
        Self { parameter, check: Check::new(parameter.constraints), fields: Vec::new() }
    }

    /// Returns `true` if an argument is a field of its struct.
    pub(super) fn has_field(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field == name)
    }
}

/// The parameters of a tool, in their order.
pub(crate) struct PreparedParameters {
    parameters: Vec<PreparedParameter>,
    /// Computed by the first call with an argument that its type does not read as written.
    shapes: OnceLock<Shapes>,
    /// Set if a type has limits that only its schema has, such as `#[schemars(range(…))]` of a field.
    is_limited: bool,
    /// Set if a value that its type reads can still be invalid.
    is_checked: bool,
    /// Set if texts are replaced by their content.
    pub(super) is_lenient: bool,
}

impl PreparedParameters {
    pub(crate) fn new(parameters: &'static [Parameter], is_lenient: bool) -> Self {
        let mut parameters: Vec<_> = parameters.iter().map(PreparedParameter::new).collect();
        let shapes = Shapes::new(parameters.iter().map(|prepared| prepared.parameter));
        for (index, prepared) in parameters.iter_mut().enumerate() {
            if prepared.parameter.ty.fields.is_some()
                && let Some(shape) = shapes.parameter(index)
            {
                prepared.fields = shapes.resolve(shape).properties.keys().cloned().collect();
                prepared.fields.sort_unstable();
            }
        }
        let is_limited = shapes.are_limited();
        let is_checked = is_limited || parameters.iter().any(|prepared| !prepared.parameter.constraints.is_empty());
        let shapes = if is_limited || is_lenient { OnceLock::from(shapes) } else { OnceLock::new() };
        Self { parameters, shapes, is_limited, is_checked, is_lenient }
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, PreparedParameter> {
        self.parameters.iter()
    }

    /// Returns the names of all arguments.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.parameters.iter().flat_map(|prepared| {
            let own = prepared.parameter.ty.fields.is_none().then_some(prepared.parameter.name);
            own.into_iter().chain(prepared.fields.iter().map(String::as_str))
        })
    }

    pub(super) fn find(&self, name: &str) -> Option<&PreparedParameter> {
        self.parameters.iter().find(|prepared| prepared.parameter.name == name)
    }

    /// Fits the value of a parameter to its type.
    ///
    /// Returns `None` for an unknown name, and for a value that cannot be rewritten.
    pub(super) fn fit(&self, name: &'static str, raw: &RawValue) -> Option<Fit> {
        self.fit_at(self.parameters.iter().position(|prepared| prepared.parameter.name == name)?, raw)
    }

    fn fit_at(&self, index: usize, raw: &RawValue) -> Option<Fit> {
        let shapes = self.shapes.get_or_init(|| Shapes::new(self.parameters.iter().map(|prepared| prepared.parameter)));
        let name = self.parameters.get(index)?.parameter.name;
        Some(fit(shapes, shapes.parameter(index)?, name, Json::of(raw)?, self.is_lenient))
    }

    /// Checks a valid value against the constraints of its parameter and the limits of its type.
    pub(super) fn check(&self, name: &'static str, raw: &RawValue) -> Result<(), String> {
        if self.is_checked { self.check_value(name, raw) } else { Ok(()) }
    }

    fn check_value(&self, name: &'static str, raw: &RawValue) -> Result<(), String> {
        let mut parameters = self.parameters.iter().enumerate();
        let Some((index, prepared)) = parameters.find(|(_, prepared)| prepared.parameter.name == name) else {
            return Ok(());
        };
        prepared.check.value(raw).map_err(|why| format!("{name}: {why}"))?;
        if !self.is_limited {
            return Ok(());
        }
        let fitted = self.fit_at(index, raw);
        let fitted = fitted.ok_or_else(|| format!("{name}: it nests too deep, or has a name that is not Unicode"))?;
        fitted.violation().map_or(Ok(()), |violation| Err(violation.to_owned()))
    }
}
