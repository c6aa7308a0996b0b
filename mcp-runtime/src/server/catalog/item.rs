//! The members that all kinds of items in a catalog have.

use std::any::TypeId;
use std::borrow::Cow;
use std::sync::Arc;

use crate::auth::{DeclaredTarget, RequiredScopes, ScopeSet};
use crate::protocol::version::ProtocolVersion;
use crate::server::Block;
use crate::server::call::guard::{Guarded, ObjectGuard};
use crate::server::declare::item::{ItemId, ItemKind};
use crate::server::declare::rows::{ListGuard, Offer, RowScopes};
use crate::server::declare::time_limit::TimeLimit;
use crate::server::layers::around::Around;
use crate::server::rates::rate::Rate;

/// The members that all kinds of prepared items have.
#[derive(Clone)]
pub(crate) struct Item {
    pub(crate) kind: ItemKind,
    /// The name, URI or template by which clients request the item.
    pub(crate) key: &'static str,
    pub(crate) needed: RequiredScopes,
    /// The names of the guards.
    pub(crate) guards: Cow<'static, [&'static str]>,
    /// Set if a guard or a part of the request can refuse a call before the method runs.
    pub(crate) has_verdict: bool,
    /// The APIs that the method calls in the name of the caller.
    pub(crate) targets: Vec<&'static DeclaredTarget>,
    /// Set if the item is listed only for callers with its scopes.
    pub(crate) hidden: bool,
    /// The guards by which the item, or its resources, are listed.
    pub(crate) list_guards: Arc<[PreparedListGuard]>,
    /// The declared rate.
    pub(crate) rate: Option<Rate>,
    /// The entry in the list, in each version.
    definitions: Arc<[Vec<u8>; 4]>,
    pub(crate) time_limit: TimeLimit,
}

/// A guard that is asked for lists.
#[derive(Clone)]
pub(crate) struct PreparedListGuard {
    /// The type of its block, and its name there.
    pub(crate) key: (TypeId, &'static str),
    /// Set if the guard decides by the item. Others are asked once for a list.
    pub(crate) is_by_item: bool,
    pub(crate) guard: Arc<dyn Guarded>,
}

impl PreparedListGuard {
    pub(super) fn all<S: Block>(guards: &'static [ListGuard<S>], block: &Arc<S>) -> Arc<[Self]> {
        let prepared = guards.iter().map(|guard| {
            let block_of_guard = if guard.is_of_server { TypeId::of::<S::Of>() } else { TypeId::of::<S>() };
            Self {
                key: (block_of_guard, guard.name),
                is_by_item: guard.is_by_item,
                guard: ObjectGuard::guard(block, guard.glue),
            }
        });
        prepared.collect()
    }
}

impl Item {
    pub(super) fn new(
        kind: ItemKind,
        offer: &Offer,
        list_guards: Arc<[PreparedListGuard]>,
        required: &'static ScopeSet,
        define: impl Fn(ProtocolVersion) -> Vec<u8>,
    ) -> Self {
        let needed = match offer.needs {
            RowScopes::Declared(set) => RequiredScopes::Declared(set),
            RowScopes::Further([]) => RequiredScopes::Declared(required),
            RowScopes::Further(further) => {
                let further = further.iter().filter(|scope| !required.scopes.contains(scope));
                RequiredScopes::Composed(required.scopes.iter().chain(further).copied().collect())
            }
        };
        let mut definitions = [const { Vec::new() }; 4];
        for version in ProtocolVersion::SUPPORTED {
            definitions[version as usize] = define(version);
        }
        Self {
            kind,
            key: offer.key,
            needed,
            guards: offer.guards.into(),
            has_verdict: !offer.guards.is_empty() || offer.parts.iter().any(|part| part.is_made),
            targets: offer.parts.iter().filter_map(|part| part.target).collect(),
            hidden: offer.hidden,
            list_guards,
            rate: offer.rate,
            definitions: Arc::new(definitions),
            time_limit: offer.time_limit,
        }
    }

    /// Returns the identity of the item.
    pub(crate) fn id(&self) -> ItemId {
        ItemId::new(self.kind, self.key)
    }

    /// Returns `true` if guards decide whether a caller may know of the item.
    pub(crate) fn is_hidden_by_guards(&self) -> bool {
        self.hidden && !self.list_guards.is_empty()
    }

    /// Returns the item with time limits around the guards that are asked for lists, if there is anything to change.
    ///
    /// The limit is that of the server, because a list is about many items.
    pub(super) fn wrapped(&self, around: &Around<'_>) -> Option<Self> {
        let has_limit = around.time_limit.is_some() && !self.list_guards.is_empty();
        (has_limit || around.applies(self.time_limit)).then(|| {
            let limited = |listed: &PreparedListGuard| PreparedListGuard {
                guard: around.guard(&listed.guard, TimeLimit::Inherited),
                ..listed.clone()
            };
            Self { list_guards: self.list_guards.iter().map(limited).collect(), ..self.clone() }
        })
    }

    /// Returns the entry in the list of a version.
    pub(crate) fn definition(&self, version: ProtocolVersion) -> &[u8] {
        &self.definitions[version as usize]
    }
}
