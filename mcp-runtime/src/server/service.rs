//! A running server: its offer, and the state that outlives a request.

use std::any::TypeId;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use mcp_core::NormalUri;

use super::call::dynamic::DynamicTool;
use super::call::subscriber::Subscriber;
use super::catalog::Catalog;
use super::catalog::composition::check_unscoped;
use super::catalog::composition_error::CompositionError;
use super::catalog::new_part::NewPart;
use super::catalog::prepared::{PreparedBlock, required};
use super::catalog::resource_list::PageLimits;
use super::changes::hearing::{MayHear, MayHearOf};
use super::changes::subscriptions::Change;
use super::changes::{Changes, ServerHandle};
use super::declare::info::ServerInfo;
use super::declare::role::Role as _;
use super::disabled_tools::{DisabledTools, ToolSwitches};
use super::layers::Layer;
use super::layers::around::Around;
use super::layers::method::AnyLayer;
use super::rates::settings::{Rates, UnknownItem};
use super::shared::Shared;
use super::{Part, Server};
use crate::auth::{AccessToken, DeclaredProtection, ProtectedResource, RequiredScopes};
use crate::backplane::repair::Repair;
use crate::limits::{Limits, RequestLimits, StateLimits};
use crate::lock::locked;

/// A server with all its blocks, as a transport serves it.
pub(crate) struct Service {
    catalog: RwLock<Arc<Catalog>>,
    composition: Mutex<Composition>,
    shared: Shared,
    /// Shares the disabled tools with other instances. Absent for a server that runs alone.
    offer: OnceLock<Repair>,
}

/// The blocks of a server, and the rules by which they become a catalog.
struct Composition {
    server: TypeId,
    /// The name of the server's type, for messages.
    name: &'static str,
    info: ServerInfo,
    /// The declared protection, or none for an open server.
    protection: Option<&'static DeclaredProtection>,
    blocks: Vec<Arc<PreparedBlock>>,
    disabled_tools: DisabledTools,
    page_limits: PageLimits,
    /// The limit of tools that are known at run time only.
    max_dynamic_tools: usize,
    /// The limit of the names that such tools have had.
    max_dynamic_names: usize,
    announces: bool,
    /// The layers, innermost first.
    layers: Vec<Arc<dyn AnyLayer>>,
    /// The time limit that replaces that of the server's attribute.
    time_limit: Option<Duration>,
    rates: Rates,
}

impl Service {
    /// Creates the service of a server with one block.
    ///
    /// # Panics
    /// Two items of the block have the same name. The macro refuses that, except for items under `#[cfg]`.
    #[expect(clippy::panic, reason = "there is no server to go on with, and it can only be seen when it is built")]
    pub(crate) fn new<S: Server>(server: S) -> Arc<Self> {
        let server = Arc::new(server);
        let shared = Shared::new(Arc::clone(&server) as _);
        let protection = S::Role::protection(S::PROTECTION);
        if let Some(protection) = protection {
            shared.set_resource(ProtectedResource::new(protection));
        }
        let mut composition = Composition {
            server: TypeId::of::<S>(),
            name: S::NAME,
            info: S::INFO,
            protection,
            blocks: Vec::new(),
            disabled_tools: DisabledTools::default(),
            page_limits: page_limits(&RequestLimits::default()),
            max_dynamic_tools: StateLimits::default().dynamic_tools,
            max_dynamic_names: StateLimits::default().dynamic_tool_names,
            announces: false,
            layers: Vec::new(),
            time_limit: None,
            rates: Rates::default(),
        };
        let block = PreparedBlock::new(&server, required(protection), S::INFO.dialect);
        let catalog = block.and_then(|block| {
            composition.blocks.push(Arc::new(block));
            composition.catalog(&shared)
        });
        let catalog = match catalog {
            Ok(catalog) => catalog,
            Err(clash) => panic!("{clash}"),
        };
        let catalog = RwLock::new(Arc::new(catalog));
        Arc::new(Self { catalog, composition: Mutex::new(composition), shared, offer: OnceLock::new() })
    }

    /// Returns the state that outlives a request.
    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Returns the handle that announces and makes changes.
    pub(crate) fn changes(self: &Arc<Self>) -> Changes {
        Changes::new(self.handle())
    }

    /// Returns the handle that methods have.
    pub(crate) fn handle(self: &Arc<Self>) -> Arc<dyn ServerHandle> {
        Arc::clone(self) as _
    }

    /// Returns the current catalog.
    pub(crate) fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.catalog.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the decisions about the resources that a subscriber may hear of, by the parts that the server has then.
    ///
    /// `satisfies` checks the scopes of the subscriber.
    pub(crate) fn may_hear(
        self: &Arc<Self>,
        subscriber: Subscriber,
        satisfies: impl Fn(Option<&AccessToken>, &RequiredScopes) -> bool + Send + Sync + 'static,
    ) -> MayHearOf {
        let (service, subscriber) = (Arc::clone(self), Arc::new(subscriber));
        Box::new(move |uri| {
            let catalog = service.catalog();
            let normal = NormalUri::parse(uri).ok();
            let Some(found) = normal.as_ref().and_then(|uri| catalog.resource(uri)) else { return MayHear::Now(false) };
            let has_scopes = satisfies(subscriber.token(), &found.needed);
            if !has_scopes || found.resource.guard.is_none() {
                return MayHear::Now(has_scopes);
            }
            MayHear::Asked(Box::pin(Arc::clone(&catalog).may_hear(Arc::clone(uri), Arc::clone(&subscriber))))
        })
    }

    /// Returns all blocks, with their disabled tools.
    #[cfg(feature = "testing")]
    pub(crate) fn blocks(&self) -> Vec<Arc<PreparedBlock>> {
        self.composition().blocks.clone()
    }

    /// Returns the time limit of items without one of their own.
    #[cfg(feature = "testing")]
    pub(crate) fn time_limit(&self) -> Option<Duration> {
        self.composition().time_limit()
    }

    /// Returns `true` if a tool is disabled.
    #[cfg(feature = "testing")]
    pub(crate) fn is_disabled(&self, tool: &str) -> bool {
        self.composition().disabled_tools.contains(tool)
    }

    /// Enables every tool that was disabled.
    #[cfg(feature = "testing")]
    pub(crate) fn enable_every_tool(&self) {
        let mut composition = self.composition();
        composition.disabled_tools.clear();
        // The same blocks fitted together before.
        let _ = self.recompose(&composition);
    }

    /// Sets the repair that shares the disabled tools with other instances, once.
    pub(super) fn set_offer(&self, offer: Repair) {
        drop(self.offer.set(offer));
    }

    /// Reads what other instances have disabled, once the engine is available.
    pub(super) fn request_offer(&self) {
        if let Some(offer) = self.offer.get() {
            offer.request();
        }
    }

    /// Returns the tools that some instance has disabled or enabled, by what is stored and by this instance.
    pub(super) fn merged_switches(&self, stored: ToolSwitches) -> ToolSwitches {
        self.composition().disabled_tools.merged(stored)
    }

    /// Returns `true` if other instances may not know a change of this one.
    pub(super) fn has_unstored_switches(&self) -> bool {
        self.composition().disabled_tools.has_unstored()
    }

    /// Disables and enables tools like the other instances. Returns `true` if that changed anything.
    pub(super) fn apply_switches(&self, stored: ToolSwitches) -> bool {
        let mut composition = self.composition();
        composition.disabled_tools.apply(stored) && self.recompose(&composition).is_ok()
    }

    /// Adds a part to the offer before it is served.
    ///
    /// # Panics
    /// Two items have the same name.
    #[track_caller]
    #[expect(clippy::panic, reason = "there is no server to go on with, and it can only be seen when it is built")]
    pub(crate) fn compose<P: Part>(&self, part: P) {
        if let Err(clash) = self.add(NewPart::new(part)) {
            panic!("{clash}");
        }
    }

    /// Adds a tool that is known at run time only, before the server is served.
    ///
    /// # Panics
    /// The server does not declare a scope of the tool, or another tool has its name.
    #[track_caller]
    #[expect(clippy::panic, reason = "there is no server to go on with, and it can only be seen when it is built")]
    pub(crate) fn compose_tool(&self, tool: DynamicTool) {
        if let Err(clash) = self.add(NewPart::of_tool(tool)) {
            panic!("{clash}");
        }
    }

    /// Replaces the limits.
    pub(crate) fn set_limits(&self, limits: &Limits) {
        self.shared.set_limits(limits);
        let mut composition = self.composition();
        composition.page_limits = page_limits(&limits.request);
        composition.time_limit = limits.request.method_timeout;
        composition.max_dynamic_tools = limits.state.dynamic_tools;
        composition.max_dynamic_names = limits.state.dynamic_tool_names;
        // The same blocks fitted together before.
        let _ = self.recompose(&composition);
    }

    /// Replaces the rates of the attributes.
    pub(crate) fn set_rates(&self, rates: Rates) {
        let mut composition = self.composition();
        composition.rates = rates;
        // The same blocks fitted together before.
        let _ = self.recompose(&composition);
    }

    /// Checks that each rate is one of an item.
    pub(crate) fn check_rates(&self) -> Result<(), UnknownItem> {
        let composition = self.composition();
        if composition.rates.items.is_empty() {
            return Ok(());
        }
        let known: Vec<&str> = composition.blocks.iter().flat_map(|block| block.keys()).collect();
        match composition.rates.items.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(UnknownItem { name: name.clone(), server: composition.name, known }),
            None => Ok(()),
        }
    }

    /// Returns an item that calls an API in the name of its caller, with the resource of that.
    #[cfg(feature = "exchange")]
    pub(crate) fn target(&self) -> Option<(&'static str, &'static str)> {
        let composition = self.composition();
        composition.blocks.iter().flat_map(|block| block.targets()).next().map(|(item, target)| (item, target.resource))
    }

    /// Declares that the server announces changes, because its transport can send them.
    pub(crate) fn announce_changes(&self) {
        let mut composition = self.composition();
        composition.announces = true;
        // The same blocks fitted together before.
        let _ = self.recompose(&composition);
    }

    /// Puts a layer around all methods, also around those that have layers already.
    pub(crate) fn add_layer(&self, layer: impl Layer) {
        let mut composition = self.composition();
        composition.layers.push(Arc::new(layer));
        // The same blocks fitted together before.
        let _ = self.recompose(&composition);
    }

    fn recompose(&self, composition: &Composition) -> Result<(), CompositionError> {
        let catalog = Arc::new(composition.catalog(&self.shared)?);
        *self.catalog.write().unwrap_or_else(PoisonError::into_inner) = catalog;
        Ok(())
    }

    fn composition(&self) -> MutexGuard<'_, Composition> {
        locked(&self.composition)
    }
}

impl ServerHandle for Service {
    fn shared(&self) -> &Shared {
        &self.shared
    }

    fn enable_tool(&self, name: &str, enabled: bool) -> bool {
        let mut composition = self.composition();
        let exists = (composition.blocks.iter()).any(|block| block.tools.iter().any(|tool| tool.item.key == name));
        let changed = exists && composition.disabled_tools.set(name, !enabled);
        if changed && let Some(offer) = self.offer.get() {
            composition.disabled_tools.share(name, !enabled);
            offer.request();
        }
        changed && self.recompose(&composition).is_ok()
    }

    fn add(&self, part: NewPart) -> Result<(), CompositionError> {
        let mut composition = self.composition();
        if part.server.is_some_and(|server| server != composition.server) {
            return Err(CompositionError::foreign(part.name, composition.name));
        }
        let block = part.prepare(composition.protection, composition.info.dialect, composition.max_dynamic_names)?;
        let limit = composition.max_dynamic_tools;
        if block.is_dynamic && composition.blocks.iter().filter(|block| block.is_dynamic).count() >= limit {
            return Err(CompositionError::too_many_tools(limit));
        }
        composition.blocks.push(Arc::new(block));
        let added = self.recompose(&composition);
        if added.is_err() {
            composition.blocks.pop();
        }
        added
    }

    fn remove_tool(&self, name: &str) -> bool {
        let mut composition = self.composition();
        let before = composition.blocks.len();
        composition.blocks.retain(|block| !block.is_dynamic || block.tools.iter().all(|tool| tool.item.key != name));
        composition.blocks.len() < before && {
            // A later tool of this name is enabled, unless other instances may have this one.
            if self.offer.get().is_none() {
                composition.disabled_tools.set(name, false);
            }
            self.recompose(&composition).is_ok()
        }
    }
}

/// The change that needs the type of a part, which the service erases.
impl Changes {
    /// Adds a part of the server: an annotated block of another type, with its own state.
    ///
    /// # Errors
    /// The part belongs to another server, or an item of the offer has the name of one of its tools, resources or
    /// prompts. Then nothing is added.
    pub fn add<P: Part>(&self, part: P) -> Result<(), CompositionError> {
        self.server().add(NewPart::new(part))?;
        for (change, is_new) in [
            (Change::Tools, !P::TOOLS.is_empty()),
            (Change::Prompts, !P::PROMPTS.is_empty()),
            (Change::Resources, !P::RESOURCES.is_empty()),
        ] {
            if is_new {
                self.announce(&change);
            }
        }
        Ok(())
    }

    /// Adds a tool that is known at run time only, and announces that the tool list changed.
    ///
    /// The announcement reaches every client that listens for it, also those from whom the tool is hidden. These read the
    /// same list again.
    ///
    /// # Errors
    /// The tool does not fit if another one has its name, if the server does not declare one of its scopes, if an open
    /// server would have a rate, or if the tool is hidden from nobody. Limits are [`dynamic_tools`](crate::StateLimits::dynamic_tools) and
    /// [`dynamic_tool_names`](crate::StateLimits::dynamic_tool_names). After an error, nothing is added.
    pub fn add_tool(&self, tool: DynamicTool) -> Result<(), CompositionError> {
        self.server().add(NewPart::of_tool(tool))?;
        self.tools_changed();
        Ok(())
    }
}

impl Composition {
    fn time_limit(&self) -> Option<Duration> {
        self.time_limit.or(self.info.time_limit)
    }

    fn catalog(&self, shared: &Shared) -> Result<Catalog, CompositionError> {
        if self.protection.is_none() {
            check_unscoped(&self.blocks, self.name)?;
        }
        let is_disabled = |name: &str| self.disabled_tools.contains(name);
        let around = Around { layers: &self.layers, time_limit: self.time_limit() };
        let blocks: Vec<_> = self.blocks.iter().map(|block| Arc::new(block.wrapped(&around))).collect();
        Catalog::new(self.info, &blocks, shared.tasks(), self.page_limits, self.announces, &self.rates, is_disabled)
    }
}

fn page_limits(limits: &RequestLimits) -> PageLimits {
    PageLimits { items: limits.page_size.max(1), cursor: limits.cursor_bytes }
}
