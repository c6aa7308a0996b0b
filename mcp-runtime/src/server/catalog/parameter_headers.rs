//! The headers that repeat arguments of tools, for the preflight of browsers.

use std::collections::HashSet;
use std::sync::Arc;

use super::prepared::PreparedTool;

/// The prefix of these headers.
pub(crate) const PARAMETER_PREFIX: &str = "mcp-param-";

/// The headers that repeat arguments, in lower case. Those of hidden tools are not revealed.
pub(crate) struct ParameterHeaders {
    /// The headers, each after a comma.
    text: String,
    names: HashSet<String>,
}

impl ParameterHeaders {
    pub(super) fn of(tools: &[Arc<PreparedTool>]) -> Self {
        let mut headers = Self { text: String::new(), names: HashSet::new() };
        let visible = tools.iter().filter(|tool| !tool.item.hidden);
        for header in visible.flat_map(|tool| tool.parameters.iter()).filter_map(|prepared| prepared.parameter.header) {
            let name = format!("{PARAMETER_PREFIX}{}", header.to_ascii_lowercase());
            if headers.names.insert(name.clone()) {
                headers.text.push_str(", ");
                headers.text.push_str(&name);
            }
        }
        headers
    }

    /// Returns all headers, each after a comma.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Returns `true` if a header, in lower case, is among them.
    pub(crate) fn contain(&self, name: &str) -> bool {
        self.names.contains(name)
    }
}
