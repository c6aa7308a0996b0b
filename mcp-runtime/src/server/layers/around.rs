//! Everything around the methods of a server.

use std::sync::Arc;
use std::time::Duration;

use super::method::{AnyLayer, MethodResult};
use super::time_limit::{LimitedGuard, LimitedMethod};
use crate::server::call::Method;
use crate::server::call::guard::Guarded;
use crate::server::declare::item::ItemId;
use crate::server::declare::time_limit::TimeLimit;

/// Everything around the methods of a server: its layers and the default time limit.
pub(crate) struct Around<'a> {
    /// The layers, innermost first.
    pub(crate) layers: &'a [Arc<dyn AnyLayer>],
    /// The time limit of items without one of their own.
    pub(crate) time_limit: Option<Duration>,
}

impl Around<'_> {
    /// Returns `true` if there is anything to put around a method with this limit.
    pub(crate) fn applies(&self, limit: TimeLimit) -> bool {
        !self.layers.is_empty() || limit.or(self.time_limit).is_some()
    }

    /// Returns a method with everything around it.
    pub(crate) fn wrap<T: MethodResult>(
        &self,
        method: &dyn Method<T>,
        name: &'static str,
        limit: TimeLimit,
    ) -> Box<dyn Method<T>> {
        let mut method = method.clone_boxed();
        if let Some(limit) = limit.or(self.time_limit) {
            method = Box::new(LimitedMethod { method, limit });
        }
        for layer in self.layers {
            method = T::wrap(Arc::clone(layer), method, ItemId::new(T::KIND, name));
        }
        method
    }

    /// Returns guards that are asked without a call, with the time limit around them. Layers are for methods.
    pub(crate) fn guard(&self, guard: &Arc<dyn Guarded>, limit: TimeLimit) -> Arc<dyn Guarded> {
        let guard = Arc::clone(guard);
        match limit.or(self.time_limit) {
            Some(limit) => Arc::new(LimitedGuard { guard, limit }),
            None => guard,
        }
    }
}
