//! The parts of the open server and the protected one, which differ only in their callers.

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
        .with(changes::WatchedResource::default())
        .with(resources::Resources)
        .with(prompts::Prompts)
        .with(tasks::Tasks)
}
