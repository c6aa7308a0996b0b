//! The lists of a server's items, written when the server is built.

use std::borrow::Cow;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::value::RawValue;

use super::item::Item;
use crate::auth::RequiredScopes;
use crate::json::read::Text;
use crate::protocol::error::Error;
use crate::protocol::response::{CacheScope, ResultBody, ResultKind};
use crate::protocol::version::ProtocolVersion;

/// Limits how long a client may cache a list, in milliseconds.
///
/// Lists change rarely, and clients should notice a change soon.
pub(super) const TTL_MS: u64 = 300_000;

/// One list of items.
pub(super) struct Listing<T> {
    /// The name of the items in the result.
    member: &'static str,
    items: Vec<Arc<T>>,
    /// The whole list in each version, for callers that may see all items.
    whole: [Vec<u8>; 4],
    /// The caches that may keep the list.
    scope: CacheScope,
    /// The `_meta` of modern results.
    meta: Arc<[u8]>,
    page_size: usize,
    is_guarded: bool,
}

/// A list whose items have any type.
pub(crate) trait GuardedListing: Send + Sync {
    /// Returns the hidden items that guards decide about.
    fn guarded_items(&self) -> Vec<&Item>;

    /// Returns the page after `cursor` of the items for which `is_visible` returns `true`.
    fn visible_page(
        &self,
        cursor: Option<&RawValue>,
        version: ProtocolVersion,
        is_visible: &dyn Fn(&Item) -> bool,
    ) -> Result<Cow<'_, [u8]>, Error>;
}

impl<T: ListItem + Send + Sync> GuardedListing for Listing<T> {
    fn guarded_items(&self) -> Vec<&Item> {
        self.items.iter().map(|item| item.item()).filter(|item| item.is_hidden_by_guards()).collect()
    }

    fn visible_page(
        &self,
        cursor: Option<&RawValue>,
        version: ProtocolVersion,
        is_visible: &dyn Fn(&Item) -> bool,
    ) -> Result<Cow<'_, [u8]>, Error> {
        self.answer_with(cursor, version, is_visible)
    }
}

/// An item with a place in a list.
pub(super) trait ListItem {
    fn item(&self) -> &Item;
}

impl<T: ListItem> Listing<T> {
    /// Creates a list, with the `_meta` of modern results.
    pub(super) fn new(member: &'static str, items: Vec<Arc<T>>, page_size: usize, meta: &Arc<[u8]>) -> Self {
        // A list that differs between callers must not be shared between them.
        let is_filtered = items.iter().any(|item| item.item().hidden);
        let scope = if is_filtered { CacheScope::Private } else { CacheScope::Public };
        let is_guarded = items.iter().any(|item| item.item().is_hidden_by_guards());
        let meta = Arc::clone(meta);
        let mut this = Self { member, items, whole: Default::default(), scope, meta, page_size, is_guarded };
        if this.items.len() <= page_size {
            for version in ProtocolVersion::SUPPORTED {
                this.whole[version as usize] = this.page(&this.items.iter().collect::<Vec<_>>(), None, version);
            }
        }
        this
    }

    pub(super) fn items(&self) -> &[Arc<T>] {
        &self.items
    }

    /// Returns `true` if a guard decides whether an item is listed.
    pub(super) fn is_guarded(&self) -> bool {
        self.is_guarded
    }

    /// Returns the items that are hidden from a caller who lacks scopes.
    pub(super) fn hidden(&self, satisfies: impl Fn(&RequiredScopes) -> bool) -> Vec<&'static str> {
        let items = self.items.iter().map(|item| item.item());
        items.filter(|item| item.hidden && !satisfies(&item.needed)).map(|item| item.key).collect()
    }

    /// Returns the page after `cursor`, without the items that are hidden from the caller by their scopes.
    pub(super) fn answer(
        &self,
        cursor: Option<&RawValue>,
        version: ProtocolVersion,
        satisfies: impl Fn(&RequiredScopes) -> bool,
    ) -> Result<Cow<'_, [u8]>, Error> {
        self.answer_with(cursor, version, |item| !item.hidden || satisfies(&item.needed))
    }

    /// Returns the page after `cursor` of the visible items.
    fn answer_with(
        &self,
        cursor: Option<&RawValue>,
        version: ProtocolVersion,
        is_visible: impl Fn(&Item) -> bool,
    ) -> Result<Cow<'_, [u8]>, Error> {
        let rest = match cursor {
            None => &self.items[..],
            Some(cursor) => text(cursor).and_then(|text| self.after(&text)).ok_or_else(unknown_cursor)?,
        };
        let complete = rest.len() == self.items.len() && rest.iter().all(|item| is_visible(item.item()));
        if complete && self.items.len() <= self.page_size {
            return Ok((&*self.whole[version as usize]).into());
        }
        let (page, next) = self.fill(rest, &is_visible);
        Ok(self.page(&page, next, version).into())
    }

    /// Returns the visible items at the front of `rest` for one page, and the cursor of the next page.
    pub(super) fn fill<'a>(
        &self,
        mut rest: &'a [Arc<T>],
        is_visible: &impl Fn(&Item) -> bool,
    ) -> (Vec<&'a Arc<T>>, Option<String>) {
        let mut page = Vec::new();
        while let [item, others @ ..] = rest
            && page.len() < self.page_size.max(1)
        {
            if is_visible(item.item()) {
                page.push(item);
            }
            rest = others;
        }
        let last = page.last().filter(|_| rest.iter().any(|item| is_visible(item.item())));
        let next = last.map(|last| URL_SAFE_NO_PAD.encode(last.item().key));
        (page, next)
    }

    /// Returns the items after the one that a cursor names, if it is a cursor of this list.
    pub(super) fn after(&self, cursor: &str) -> Option<&[Arc<T>]> {
        let key = URL_SAFE_NO_PAD.decode(cursor.as_bytes()).ok()?;
        let last = self.items.iter().position(|item| item.item().key.as_bytes() == key)?;
        Some(&self.items[last + 1..])
    }

    fn page(&self, items: &[&Arc<T>], next: Option<String>, version: ProtocolVersion) -> Vec<u8> {
        let mut body = ResultBody::new();
        body.array(self.member, items, |out, item| out.extend_from_slice(item.item().definition(version)));
        if let Some(next) = next {
            body.member("nextCursor", &next);
        }
        body.finish(version, ResultKind::Cacheable { ttl_ms: TTL_MS, scope: self.scope }, &self.meta)
    }
}

/// Returns the text of a cursor.
pub(super) fn text(cursor: &RawValue) -> Option<Cow<'_, str>> {
    serde_json::from_str::<Text<'_>>(cursor.get()).ok().map(|Text(text)| text)
}

/// Returns the error for a cursor that is none of this server's.
pub(super) fn unknown_cursor() -> Error {
    Error::invalid_params("Invalid params: unknown cursor; begin without one")
}
