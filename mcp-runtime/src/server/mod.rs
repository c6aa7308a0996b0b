//! The interface of generated code (tables, arguments, results) and the dispatch over it.

mod ask;
mod block;
mod call;
mod catalog;
mod changes;
mod completion_result;
mod composition;
mod composition_error;
mod context;
mod declare;
mod discovery;
mod exchange;
mod finite;
mod fit;
mod form;
mod json_tree;
mod listening;
mod listing;
#[cfg(feature = "http")]
mod parameter_headers;
mod parameters;
mod part;
mod portable;
mod prompt_result;
mod protection;
mod question;
mod recursion;
mod resource_result;
mod result;
pub(crate) mod role;
mod schema;
mod service;
mod shape;
mod shared;
mod state;
mod subscriptions;
mod tasks;
mod trace;
mod used_states;
mod wrapper;

pub(crate) use ask::Pending;
pub(crate) use block::Item;
#[cfg(feature = "testing")]
pub(crate) use block::{PreparedPrompt, PreparedTool};
pub use call::Call;
pub use call::arguments::{Argument, FromText, OptionalTextArgument, TextArgument};
pub use call::inject::FromRequest;
pub(crate) use catalog::{Catalog, Operation};
pub use changes::Changes;
pub use completion_result::IntoCompletion;
pub use composition_error::CompositionError;
pub(crate) use composition_error::Kind;
pub use context::Context;
pub(crate) use context::{Caller, RequestContext};
pub use declare::constraint::{Measured, Mirrored, Ranged, Textual};
pub use declare::parameter::Parameter;
#[cfg(feature = "testing")]
pub(crate) use declare::rows::Completed;
pub use declare::rows::{CompletionRow, Prompt, PromptArgument, Resource, ServerInfo, TaskSupport, Tool};
pub use declare::traits::{Block, OneBlockPerTypeOthersAreParts, Open, Part, Protected, Server};
pub(crate) use exchange::{Capacity, Exchange, Outbox, Said};
#[cfg(feature = "http")]
pub(crate) use fit::whole;
pub use form::Form;
pub(crate) use listening::{Listening, MayHear};
#[cfg(feature = "http")]
pub(crate) use parameter_headers::PARAMETER_PREFIX;
pub use part::{HasParts, HasScopedParts, PartOf};
pub use prompt_result::IntoPromptResult;
pub use question::{Question, Questions};
pub use resource_result::IntoResource;
pub use result::{IntoToolResult, Json};
pub(crate) use service::Service;
pub(crate) use subscriptions::{Change, Filter, Listeners, Subscription};
pub use trace::TraceContext;
