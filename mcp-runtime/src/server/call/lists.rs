//! The questions to the guards of hidden items: for lists, and before anything else about such an item.

use std::any::TypeId;

use super::arguments::Arguments;
use super::failure::CalledItem;
use super::request::Request;
use super::subscriber::ask;
use crate::protocol::error::Error;
use crate::protocol::version::ProtocolVersion;
use crate::server::catalog::Catalog;
use crate::server::catalog::item::{Item, PreparedListGuard};
use crate::server::catalog::operation::Operation;
use crate::server::context::extracted::Extracted;
use crate::server::context::request::Caller;
use crate::server::shared::Shared;

impl Catalog {
    /// Refuses an operation like that of an unknown item, if guards hide the item from the caller.
    ///
    /// # Errors
    /// Those of the refusal, and when a guard cannot decide.
    pub(crate) async fn reveal(
        &self,
        operation: &Operation<'_>,
        version: ProtocolVersion,
        caller: &Caller,
        shared: &Shared,
    ) -> Result<(), Error> {
        // About no item and with values of its own, like the request for a list.
        let extracted = Extracted::default();
        let request = Request::of_caller(caller, shared, &extracted);
        match operation.hidden_item() {
            Some(item) if self.is_hidden(item, request).await? => Err(operation.error_of_unknown_item(version).hide()),
            _ => Ok(()),
        }
    }

    /// Returns `true` if guards hide an item from a caller who holds its scopes.
    ///
    /// # Errors
    /// A guard cannot decide.
    pub(super) async fn is_hidden(&self, item: &Item, request: Request<'_>) -> Result<bool, Error> {
        Ok(item.is_hidden_by_guards() && !self.denied_items(vec![item], request).await?.is_empty())
    }

    /// Asks the guards by which items are listed, and returns the items that they deny.
    ///
    /// A guard that does not decide by the item is asked once.
    ///
    /// # Errors
    /// A guard cannot decide: a list without an item would look as if that had been removed.
    pub(super) async fn denied_items(
        &self,
        items: Vec<&Item>,
        request: Request<'_>,
    ) -> Result<Vec<&'static str>, Error> {
        let mut verdicts: Vec<((TypeId, &'static str), bool)> = Vec::new();
        let mut denied = Vec::new();
        for item in items {
            for guard in item.list_guards.iter() {
                let known = verdicts.iter().find(|(key, _)| *key == guard.key);
                let is_allowed = match known {
                    Some((_, is_allowed)) => *is_allowed,
                    None => {
                        let is_allowed = is_allowed(guard, item, request).await?;
                        if !guard.is_by_item {
                            verdicts.push((guard.key, is_allowed));
                        }
                        is_allowed
                    }
                };
                if !is_allowed {
                    denied.push(item.key);
                    break;
                }
            }
        }
        Ok(denied)
    }
}

/// Asks a guard whether an item is listed.
async fn is_allowed(guard: &PreparedListGuard, item: &Item, request: Request<'_>) -> Result<bool, Error> {
    let called = CalledItem { kind: "guard", name: guard.key.1, needed: &item.needed };
    // A part of the request can depend on the item, so that each item has its own.
    let (id, extracted) = (item.id(), Extracted::default());
    let request =
        if guard.is_by_item { Request { item: Some(&id), extracted: &extracted, ..request } } else { request };
    match ask(&*guard.guard, Arguments::default(), request, called).await {
        Ok(()) => Ok(true),
        Err(error) if error.is_denial() => Ok(false),
        Err(error) => Err(error),
    }
}
