//! The interface of generated code (tables, arguments, results) and the dispatch over it.

mod asking;
mod call;
mod catalog;
mod changes;
mod context;
pub(crate) mod declare;
mod disabled_tools;
mod exchange;
mod layers;
#[cfg(feature = "http")]
mod offer;
mod rates;
pub(crate) mod record;
#[cfg(feature = "http")]
mod replicas;
pub(crate) mod results;
mod service;
mod shared;
mod tasks;

pub use self::asking::form::Form;
pub(crate) use self::asking::open_questions::OpenQuestions;
#[cfg(feature = "http")]
pub(crate) use self::asking::open_questions::unknown_question;
pub use self::asking::question::{Question, Questions};
pub(crate) use self::call::subscriber::Subscriber;
pub use self::catalog::composition_error::CompositionError;
pub(crate) use self::catalog::composition_error::Kind;
pub(crate) use self::catalog::item::Item;
#[cfg(feature = "http")]
pub(crate) use self::catalog::parameter_headers::PARAMETER_PREFIX;
#[cfg(feature = "testing")]
pub(crate) use self::catalog::prepared::{PreparedPrompt, PreparedTool};
pub(crate) use self::changes::hearing::{Hearing, MayHearOf};
pub(crate) use self::changes::listening::{Listening, RequestedChanges};
pub(crate) use self::changes::subscriptions::{Change, Filter, Listeners, Subscription, bytes_of_subscription};
pub use self::declare::item::{ItemId, ItemKind};
pub use self::declare::part::{HasParts, HasRatedParts, HasScopedParts, PartOf};
pub use self::layers::Layer;
pub use self::layers::invocation::Invocation;
pub use self::layers::reply::{Next, Reply};
pub use self::rates::rate::{Rate, RateError};
pub use self::rates::settings::Rates;
pub(crate) use self::record::recording::Recording;
pub(crate) use self::record::result::OperationResult;
pub use self::record::span::TraceContext;
pub use self::results::completion::IntoCompletion;
pub use self::results::failure::{Output, ToolError};
pub use self::results::meta::WithMeta;
pub use self::results::prompt::IntoPromptResult;
pub use self::results::resource::IntoResource;
pub use self::results::resource_page::IntoResourcePage;
pub use self::results::tool::{IntoToolResult, Json, JsonWithText};
pub use call::Call;
pub use call::arguments::{Argument, FromText, OptionalTextArgument, TextArgument};
pub use call::dynamic::{DynamicCall, DynamicRequest, DynamicTool, DynamicToolError};
pub use call::fields::Fields;
pub use call::guard::{
    Cloner, Clones, GuardCall, HasArgument, ListQuestion, SameAs, Verdict, VerdictFuture, allowed, ask_for_list,
    server_of_part,
};
pub use call::inject::{GuardParameter, Injected};
pub use call::request::{FromRequest, Request};
pub(crate) use catalog::Catalog;
pub(crate) use catalog::operation::Operation;
pub use changes::Changes;
pub use context::Context;
#[cfg(feature = "http")]
pub(crate) use context::head::account_in;
pub(crate) use context::head::account_of;
#[cfg(feature = "exchange")]
pub(crate) use context::head::end_of_request;
pub(crate) use context::request::{Caller, RequestContext};
pub use declare::constraint::{Measured, Mirrored, Ranged, Textual};
pub use declare::info::ServerInfo;
pub use declare::parameter::Parameter;
#[cfg(feature = "testing")]
pub(crate) use declare::rows::CompletionTarget;
pub use declare::rows::{CompletionRow, ListGuard, PartOfRequest, Prompt, PromptArgument, Resource, TaskSupport, Tool};
pub use declare::traits::{Block, OneBlockPerTypeOthersAreParts, Open, Part, Protected, Server};
pub(crate) use exchange::{Exchange, Outbox, ServerMessage};
pub(crate) use service::Service;
