//! The headers that repeat arguments of tools, as a page of another origin has to name them.

use std::collections::HashSet;
use std::sync::Arc;

use super::prepared::PreparedTool;

/// The beginning of every such header.
pub(crate) const PARAMETER_PREFIX: &str = "mcp-param-";

/// The headers that repeat an argument of a tool that is not hidden, in lower case. Nobody learns from here what a hidden
/// tool takes.
pub(crate) struct ParameterHeaders {
    /// Each with a comma before it.
    text: String,
    names: HashSet<String>,
}

impl ParameterHeaders {
    pub(super) fn of(tools: &[Arc<PreparedTool>]) -> Self {
        let mut headers = Self { text: String::new(), names: HashSet::new() };
        let told = tools.iter().filter(|tool| !tool.item.hidden);
        for header in told.flat_map(|tool| tool.parameters.iter()).filter_map(|prepared| prepared.parameter.header) {
            let name = format!("{PARAMETER_PREFIX}{}", header.to_ascii_lowercase());
            if headers.names.insert(name.clone()) {
                headers.text.push_str(", ");
                headers.text.push_str(&name);
            }
        }
        headers
    }

    /// All of them, each with a comma before it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Returns `true` if this one, in lower case, is in the text.
    pub(crate) fn contain(&self, name: &str) -> bool {
        self.names.contains(name)
    }
}
