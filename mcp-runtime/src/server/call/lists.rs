//! The questions to the guards of hidden items, for lists.

use std::any::TypeId;

use super::arguments::Arguments;
use super::failure::CalledItem;
use super::request::Request;
use super::subscriber::ask;
use crate::protocol::error::Error;
use crate::server::catalog::Catalog;
use crate::server::catalog::prepared::Item;

impl Catalog {
    /// Returns `true` if a list has an item for a caller who holds its scopes.
    ///
    /// # Errors
    /// When a guard cannot decide.
    pub(super) async fn is_listed(&self, item: &Item, request: Request<'_>) -> Result<bool, Error> {
        if !item.hidden || item.list_guards.is_empty() {
            return Ok(true);
        }
        // Boxed, because few requests are denied, and every call would have to reserve its size.
        Ok(Box::pin(self.denied_items(vec![item], request)).await?.is_empty())
    }

    /// Asks the guards by which items are listed, each once, and returns the items that they deny.
    ///
    /// # Errors
    /// When a guard cannot decide: a list without an item would look as if that had been removed.
    pub(super) async fn denied_items(
        &self,
        items: Vec<&Item>,
        request: Request<'_>,
    ) -> Result<Vec<&'static str>, Error> {
        let mut verdicts: Vec<((TypeId, &'static str), bool)> = Vec::new();
        let mut denied = Vec::new();
        for item in items {
            for guard in item.list_guards.iter() {
                let known = verdicts.iter().find(|(key, _)| *key == guard.key).map(|(_, allowed)| *allowed);
                let allowed = match known {
                    Some(allowed) => allowed,
                    None => {
                        let called = CalledItem { kind: "guard", name: guard.key.1, needed: &item.needed };
                        let allowed = match ask(&*guard.guard, Arguments::default(), request, called).await {
                            Ok(()) => true,
                            Err(error) if error.is_undecided() => return Err(error),
                            Err(_) => false,
                        };
                        verdicts.push((guard.key, allowed));
                        allowed
                    }
                };
                if !allowed {
                    denied.push(item.key);
                    break;
                }
            }
        }
        Ok(denied)
    }
}
