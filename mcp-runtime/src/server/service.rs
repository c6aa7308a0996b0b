//! A server as it runs: what it offers now, and the methods being run.

use std::any::TypeId;
use std::borrow::Cow;
use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use super::arguments::Arguments;
use super::block::PreparedBlock;
use super::call::{Method, MethodFuture};
use super::catalog::{Catalog, CompositionError, Operation};
use super::context::RequestContext;
use super::seal::StateKeys;
use super::state::StateRules;
use super::subscriptions::Listeners;
use super::table::ServerInfo;
use super::trace::{record_error, record_tool_error};
use super::{Part, Server};
use tracing::Instrument as _;

use crate::auth::{ScopeSet, with_token};
use crate::panics::catch;
use crate::protocol::error::{Error, INTERNAL_ERROR};
use crate::protocol::response::Members;
use crate::protocol::tools::ToolResult;

/// How many items a list has at most, unless a transport is told otherwise.
const PAGE_SIZE: usize = 1000;

pub(crate) struct Service {
    catalog: RwLock<Arc<Catalog>>,
    composition: Mutex<Composition>,
    states: RwLock<StateRules>,
    listeners: Arc<Listeners>,
}

/// What the catalog is made of.
struct Composition {
    server: TypeId,
    info: ServerInfo,
    /// What every request to the server needs.
    required: &'static ScopeSet,
    blocks: Vec<Arc<PreparedBlock>>,
    disabled_tools: HashSet<String>,
    page_size: usize,
    announces: bool,
}

impl Service {
    /// # Panics
    /// When two items of the block have the same name, which only `#[cfg]`s that are true together can bring about; the
    /// macro refuses everything else.
    pub(crate) fn new<S: Server>(server: S) -> Arc<Self> {
        let composition = Composition {
            server: TypeId::of::<S>(),
            info: S::INFO,
            required: S::REQUIRED,
            blocks: vec![Arc::new(PreparedBlock::new(server, S::REQUIRED))],
            disabled_tools: HashSet::new(),
            page_size: PAGE_SIZE,
            announces: false,
        };
        let catalog = match composition.catalog() {
            Ok(catalog) => catalog,
            Err(clash) => panic!("{clash}"),
        };
        Arc::new(Self {
            catalog: RwLock::new(Arc::new(catalog)),
            composition: Mutex::new(composition),
            states: RwLock::default(),
            listeners: Arc::default(),
        })
    }

    /// Everyone who wants to hear of changes.
    pub(crate) fn listeners(&self) -> &Arc<Listeners> {
        &self.listeners
    }

    /// What is offered now.
    pub(crate) fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.catalog.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds a part to the offer.
    pub(crate) fn add<P: Part>(&self, part: P) -> Result<(), CompositionError> {
        let mut composition = self.composition();
        if composition.server != TypeId::of::<P::Of>() {
            return Err(CompositionError::foreign(P::NAME));
        }
        let part = PreparedBlock::new(part, composition.required);
        composition.blocks.push(Arc::new(part));
        let added = self.recompose(&composition);
        if added.is_err() {
            composition.blocks.pop();
        }
        added
    }

    /// Takes a tool out of the offer, or puts it back. Says whether that changed anything.
    pub(crate) fn enable_tool(&self, name: &str, enabled: bool) -> bool {
        let mut composition = self.composition();
        let exists = (composition.blocks.iter()).any(|block| block.tools.iter().any(|tool| tool.item.key == name));
        let changed = exists
            && if enabled {
                composition.disabled_tools.remove(name)
            } else {
                composition.disabled_tools.insert(name.to_owned())
            };
        changed && self.recompose(&composition).is_ok()
    }

    /// How many items a list has at most.
    pub(crate) fn set_page_size(&self, items: usize) {
        let mut composition = self.composition();
        composition.page_size = items;
        // The same blocks fitted together before.
        let _ = self.recompose(&composition);
    }

    /// How the states of requests that need input are kept.
    pub(crate) fn state_rules(&self) -> RwLockReadGuard<'_, StateRules> {
        self.states.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keys of those states.
    pub(crate) fn set_state_keys(&self, keys: StateKeys) {
        self.states.write().unwrap_or_else(PoisonError::into_inner).keys = keys;
    }

    /// How long those states are good for.
    pub(crate) fn set_state_lifetime(&self, lifetime: Duration) {
        self.states.write().unwrap_or_else(PoisonError::into_inner).lifetime = lifetime;
    }

    /// How long those states may be, in bytes.
    pub(crate) fn set_max_state_bytes(&self, bytes: usize) {
        self.states.write().unwrap_or_else(PoisonError::into_inner).max_bytes = bytes;
    }

    /// Declares that clients can hear of changes, because there is a way to tell them.
    pub(crate) fn announce_changes(&self) {
        let mut composition = self.composition();
        composition.announces = true;
        // As above.
        let _ = self.recompose(&composition);
    }

    fn recompose(&self, composition: &Composition) -> Result<(), CompositionError> {
        let catalog = Arc::new(composition.catalog()?);
        *self.catalog.write().unwrap_or_else(PoisonError::into_inner) = catalog;
        Ok(())
    }

    fn composition(&self) -> MutexGuard<'_, Composition> {
        self.composition.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Composition {
    fn catalog(&self) -> Result<Catalog, CompositionError> {
        let is_disabled = |name: &str| self.disabled_tools.contains(name);
        Catalog::new(self.info, &self.blocks, self.page_size, self.announces, is_disabled)
    }
}

impl Catalog {
    /// Runs an operation in the span of its request, and gives the members of its result.
    pub(crate) async fn run<'a>(
        &'a self,
        operation: Operation<'a>,
        request: &Arc<RequestContext>,
    ) -> Result<Cow<'a, [u8]>, Error> {
        let _end = request.context.end_with_me();
        let span = &request.context.span;
        let result = self.perform(operation, request).instrument(span.clone()).await;
        if let Err(error) = &result {
            record_error(span, error);
        }
        result
    }

    async fn perform<'a>(
        &'a self,
        operation: Operation<'a>,
        request: &Arc<RequestContext>,
    ) -> Result<Cow<'a, [u8]>, Error> {
        let version = request.context.version;
        let mut members = match operation {
            Operation::Known(members) => return Ok(members),
            Operation::Call { tool, arguments } => {
                let result = match arguments {
                    Ok(arguments) => invoke(&*tool.method, "tool", tool.item.key, arguments, request).await,
                    Err(error) => Err(error),
                };
                if let Some(questions) = self.questions(&result, request) {
                    return questions;
                }
                let result = match result {
                    Err(error) if error.code().is_none() => ToolResult::error(error.message()),
                    other => other?,
                };
                if result.is_error {
                    record_tool_error(&request.context.span);
                }
                result.write(version)
            }
            Operation::Read { resource, uri, arguments } => {
                let result = invoke(&*resource.method, "resource", resource.item.key, arguments, request).await;
                if let Some(questions) = self.questions(&result, request) {
                    return questions;
                }
                let result = result.map_err(|error| protocol_error(error).of_resource(&uri, version))?;
                let mut members = result.write(&uri, resource.mime_type);
                if version.is_modern() {
                    let cache = format!(",\"ttlMs\":{},\"cacheScope\":\"private\"", resource.ttl_ms);
                    members.extend_from_slice(cache.as_bytes());
                }
                members
            }
            Operation::Prompt { prompt, arguments } => {
                let result = invoke(&*prompt.method, "prompt", prompt.item.key, arguments?, request).await;
                if let Some(questions) = self.questions(&result, request) {
                    return questions;
                }
                result.map_err(protocol_error)?.write(version)
            }
            Operation::Complete { completion, arguments, .. } => {
                let result = invoke(&*completion.method, "completion", completion.argument, arguments, request).await;
                result.map_err(protocol_error)?.write()
            }
            // Those are for a transport that has streams and sessions.
            Operation::Listen => return Err(Error::method_not_found("subscriptions/listen")),
            Operation::Subscribe { .. } | Operation::SetLevel => Members::new(),
        };
        if version.is_modern() {
            members.extend_from_slice(self.modern_tail());
        }
        Ok(members.into())
    }
}

impl Catalog {
    /// The result that asks the client, where a method failed for want of answers. Whatever its error is by then: a handler
    /// may have made another one of it.
    fn questions<T>(
        &self,
        result: &Result<T, Error>,
        request: &RequestContext,
    ) -> Option<Result<Cow<'static, [u8]>, Error>> {
        let questions = result.is_err().then(|| request.context.input_required()).flatten()?;
        Some(questions.map(|mut members| {
            members.extend_from_slice(b",\"resultType\":\"input_required\"");
            members.extend_from_slice(self.server_info_tail());
            members.into()
        }))
    }
}

/// Runs a method. A panic of it is one failed request.
async fn invoke<T>(
    method: &dyn Method<T>,
    kind: &'static str,
    name: &'static str,
    arguments: Arguments<'_>,
    request: &Arc<RequestContext>,
) -> Result<T, Error> {
    // The glue itself only makes the future; all of the user's code runs when that is polled.
    let future: MethodFuture<'_, T> = method.call(arguments, request);
    let caught = catch(AssertUnwindSafe(with_token(request.token.clone(), future))).await;
    caught.unwrap_or_else(|_| {
        tracing::error!(name, "the {kind} panicked");
        Err(Error::internal(format!("The {kind} panicked")))
    })
}

/// Where there is no error for the model, its text is that of a JSON-RPC error.
fn protocol_error(error: Error) -> Error {
    if error.code().is_some() { error } else { Error::new(INTERNAL_ERROR, error.message().to_owned()) }
}
