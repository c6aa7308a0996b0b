//! What the open server and the protected one have in common: everything but who may call them.

mod asking;
mod changes;
mod content;
mod prompts;
mod reporting;
mod resources;
mod schemas;
mod tasks;

use mcp::Http;

use crate::Everything;

/// Puts the parts into a server, each with its own type and state.
pub(crate) fn mount<G>(http: Http<Everything, G>) -> Http<Everything, G> {
    http.with(content::Content)
        .with(schemas::Schemas)
        .with(reporting::Reporting)
        .with(asking::Asking)
        .with(changes::Watched::default())
        .with(resources::Resources)
        .with(prompts::Prompts)
        .with(tasks::Tasks)
}
