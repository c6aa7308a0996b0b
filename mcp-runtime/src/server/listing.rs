//! What a server offers, as lists that are ready to be sent.

use std::borrow::Cow;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::value::RawValue;

use super::block::Item;
use crate::auth::RequiredScopes;
use crate::protocol::error::Error;
use crate::protocol::response::{Members, push};
use crate::protocol::version::ProtocolVersion;

/// One of the lists.
pub(super) struct Listing<T> {
    /// The member of the result that has the items.
    member: &'static str,
    items: Vec<Arc<T>>,
    /// The whole list, for callers that may see everything, in each version.
    whole: [Members; 4],
    /// What follows the items for a modern client: how long it may keep them.
    modern_tail: Members,
    page_size: usize,
}

/// What can be listed.
pub(super) trait Listed {
    fn item(&self) -> &Item;
}

impl<T: Listed> Listing<T> {
    /// `tail` is what follows a modern list that may be kept by `public` or `private` caches.
    pub(super) fn new(
        member: &'static str,
        items: Vec<Arc<T>>,
        page_size: usize,
        tail: impl Fn(&'static str) -> Members,
    ) -> Self {
        // A list that is not the same for everyone is for nobody else.
        let is_filtered = items.iter().any(|item| item.item().hidden);
        let modern_tail = tail(if is_filtered { "private" } else { "public" });
        let mut this = Self { member, items, whole: Default::default(), modern_tail, page_size };
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

    /// The page that begins after `cursor`, of what the caller may see.
    pub(super) fn answer(
        &self,
        cursor: Option<&RawValue>,
        version: ProtocolVersion,
        satisfies: impl Fn(&RequiredScopes) -> bool,
    ) -> Result<Cow<'_, [u8]>, Error> {
        let is_visible = |item: &&Arc<T>| !item.item().hidden || satisfies(&item.item().needed);
        let mut rest = match cursor {
            None => &self.items[..],
            Some(cursor) => self.after(cursor)?,
        };
        let complete = rest.len() == self.items.len() && rest.iter().all(|item| is_visible(&item));
        if complete && self.items.len() <= self.page_size {
            return Ok((&*self.whole[version as usize]).into());
        }
        let mut page = Vec::new();
        while let [item, others @ ..] = rest
            && page.len() < self.page_size.max(1)
        {
            if is_visible(&item) {
                page.push(item);
            }
            rest = others;
        }
        let next = page.last().filter(|_| rest.iter().any(|item| is_visible(&item))).map(|last| last.item().key);
        Ok(self.page(&page, next, version).into())
    }

    /// What follows the item that a cursor names.
    fn after(&self, cursor: &RawValue) -> Result<&[Arc<T>], Error> {
        let key = serde_json::from_str::<Cow<'_, str>>(cursor.get()).ok();
        let key = key.and_then(|text| URL_SAFE_NO_PAD.decode(text.as_bytes()).ok());
        let last = key.and_then(|key| self.items.iter().position(|item| item.item().key.as_bytes() == key));
        let last = last.ok_or_else(|| Error::invalid_params("Invalid params: unknown cursor; begin without one"))?;
        Ok(&self.items[last + 1..])
    }

    fn page(&self, items: &[&Arc<T>], next: Option<&str>, version: ProtocolVersion) -> Members {
        let mut out = format!("\"{}\":[", self.member).into_bytes();
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            out.extend_from_slice(item.item().definition(version));
        }
        out.push(b']');
        if let Some(next) = next {
            out.extend_from_slice(b",\"nextCursor\":");
            push(&mut out, &URL_SAFE_NO_PAD.encode(next));
        }
        if version.is_modern() {
            out.extend_from_slice(&self.modern_tail);
        }
        out
    }
}
