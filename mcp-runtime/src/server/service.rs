//! A server as it runs: what it offers now, and what lasts longer than a request.

use std::any::TypeId;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use super::block::PreparedBlock;
use super::catalog::Catalog;
use super::composition::{CompositionError, check_unscoped};
use super::declare::rows::ServerInfo;
use super::role::Role as _;
use super::state::StateRules;
use super::subscriptions::Listeners;
use super::tasks::Tasks;
use super::{Part, Server};
use crate::auth::{DeclaredProtection, ScopeSet};
use crate::limits::{Limits, RequestLimits};
use crate::lock::locked;
use crate::seal::StateKeys;

pub(crate) struct Service {
    catalog: RwLock<Arc<Catalog>>,
    composition: Mutex<Composition>,
    states: RwLock<StateRules>,
    listeners: Arc<Listeners>,
    tasks: Arc<Mutex<Tasks>>,
}

/// What the catalog is made of.
struct Composition {
    server: TypeId,
    /// The name of that type, for messages about it.
    name: &'static str,
    info: ServerInfo,
    /// The declared protection, unless the server is an open one.
    protection: Option<&'static DeclaredProtection>,
    blocks: Vec<Arc<PreparedBlock>>,
    disabled_tools: HashSet<String>,
    page_size: usize,
    announces: bool,
}

impl Service {
    /// # Panics
    /// When two items of the block have the same name, which only `#[cfg]`s that are true together can bring about; the
    /// macro refuses everything else.
    #[expect(clippy::panic, reason = "there is no server to go on with, and it can only be seen when it is built")]
    pub(crate) fn new<S: Server>(server: S) -> Arc<Self> {
        let tasks = Arc::<Mutex<Tasks>>::default();
        let protection = S::Role::protection(S::PROTECTION);
        let composition = Composition {
            server: TypeId::of::<S>(),
            name: S::NAME,
            info: S::INFO,
            protection,
            blocks: vec![Arc::new(PreparedBlock::new(server, required(protection), S::INFO.dialect))],
            disabled_tools: HashSet::new(),
            page_size: RequestLimits::default().page_size,
            announces: false,
        };
        let catalog = match composition.catalog(&tasks) {
            Ok(catalog) => catalog,
            Err(clash) => panic!("{clash}"),
        };
        Arc::new(Self {
            catalog: RwLock::new(Arc::new(catalog)),
            composition: Mutex::new(composition),
            states: RwLock::default(),
            listeners: Arc::default(),
            tasks,
        })
    }

    /// Everyone who wants to hear of changes.
    pub(crate) fn listeners(&self) -> &Arc<Listeners> {
        &self.listeners
    }

    /// The calls that outlive their requests.
    pub(super) fn tasks(&self) -> &Mutex<Tasks> {
        &self.tasks
    }

    /// Begins no further tasks, and waits for those that run. Says whether there were any.
    pub(crate) async fn finish_tasks(&self) -> bool {
        let running = locked(&self.tasks).stop();
        for task in &running {
            task.over().await;
        }
        !running.is_empty()
    }

    /// Begins no further tasks, and ends those that run: they have failed.
    pub(crate) fn cut_tasks_off(&self) {
        locked(&self.tasks).cut_off();
    }

    /// What is offered now.
    pub(crate) fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.catalog.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns all blocks, with what is disabled in them.
    #[cfg(feature = "testing")]
    pub(crate) fn blocks(&self) -> Vec<Arc<PreparedBlock>> {
        self.composition().blocks.clone()
    }

    /// Returns `true` if this tool was taken out of the offer.
    #[cfg(feature = "testing")]
    pub(crate) fn is_disabled(&self, tool: &str) -> bool {
        self.composition().disabled_tools.contains(tool)
    }

    /// Puts back what was taken out of the offer.
    #[cfg(feature = "testing")]
    pub(crate) fn enable_every_tool(&self) {
        let mut composition = self.composition();
        composition.disabled_tools.clear();
        // The same blocks fitted together before.
        let _ = self.recompose(&composition);
    }

    /// Adds a part to the offer.
    pub(crate) fn add<P: Part>(&self, part: P) -> Result<(), CompositionError> {
        let mut composition = self.composition();
        if composition.server != TypeId::of::<P::Of>() {
            return Err(CompositionError::foreign(P::NAME, composition.name));
        }
        let part = PreparedBlock::new(part, required(composition.protection), composition.info.dialect);
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

    /// Adds a part to the offer before it is served.
    ///
    /// # Panics
    /// When two items have the same name.
    #[track_caller]
    #[expect(clippy::panic, reason = "there is no server to go on with, and it can only be seen when it is built")]
    pub(crate) fn compose<P: Part>(&self, part: P) {
        if let Err(clash) = self.add(part) {
            panic!("{clash}");
        }
    }

    /// Replaces the limits.
    pub(crate) fn set_limits(&self, limits: &Limits) {
        locked(&self.tasks).set_limits(limits.state.clone());
        self.states.write().unwrap_or_else(PoisonError::into_inner).set_limits(limits.state.clone());
        let mut composition = self.composition();
        composition.page_size = limits.request.page_size;
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

    /// Limits how long a method waits for the answer to a question.
    pub(super) fn question_timeout(&self) -> Duration {
        self.state_rules().limits.question_timeout
    }

    /// Declares that clients can hear of changes, because there is a way to tell them.
    pub(crate) fn announce_changes(&self) {
        let mut composition = self.composition();
        composition.announces = true;
        // As above.
        let _ = self.recompose(&composition);
    }

    fn recompose(&self, composition: &Composition) -> Result<(), CompositionError> {
        let catalog = Arc::new(composition.catalog(&self.tasks)?);
        *self.catalog.write().unwrap_or_else(PoisonError::into_inner) = catalog;
        Ok(())
    }

    fn composition(&self) -> MutexGuard<'_, Composition> {
        locked(&self.composition)
    }
}

impl Composition {
    fn catalog(&self, tasks: &Arc<Mutex<Tasks>>) -> Result<Catalog, CompositionError> {
        if self.protection.is_none() {
            check_unscoped(&self.blocks, self.name)?;
        }
        let is_disabled = |name: &str| self.disabled_tools.contains(name);
        Catalog::new(self.info, &self.blocks, tasks, self.page_size, self.announces, is_disabled)
    }
}

/// Returns the scopes that every request to a server needs.
fn required(protection: Option<&'static DeclaredProtection>) -> &'static ScopeSet {
    protection.map_or(ScopeSet::NONE, |protection| protection.required)
}
