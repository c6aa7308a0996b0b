//! `resources/list` of a server with templates whose resources depend on the caller.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::item::Item;
use super::listing::{GuardedListing as _, Listing, unknown_cursor};
use super::prepared::{PreparedList, PreparedResource};
use crate::auth::Principal;
use crate::protocol::error::Error;
use crate::protocol::resource_page::ResourcePage;
use crate::protocol::response::ResultBody;
use crate::protocol::version::ProtocolVersion;
use crate::seal::StateKeys;

/// The purpose of sealed cursors, which no other sealed text has.
const PURPOSE: &str = "resources/list";

/// One page of the list, with the position from which it is filled.
///
/// The resources without variables come first, then the pages of each template in the order of declaration. A page ends
/// when it is full, and where a method ends its own page, so that a request runs each method at most once.
pub(crate) struct ResourceList<'a> {
    pub(super) limits: PageLimits,
    /// The resources without variables, until the guards of hidden ones have decided.
    pub(super) fixed: Option<FixedResources<'a>>,
    /// The entries of this page.
    entries: Vec<Cow<'a, [u8]>>,
    /// The cursor of the next page, if this one is full of resources without variables.
    next: Option<String>,
    /// The cursor of the client, until it is opened.
    pub(super) sealed: Option<Cow<'a, str>>,
    /// The templates whose scopes the caller has.
    pub(super) templates: Vec<&'a PreparedResource>,
    /// The next method to run. `None` at the end of the list.
    position: Option<Position>,
    /// Set if nothing more fits on this page.
    is_full: bool,
}

/// The resources without variables from which a page is filled.
pub(crate) struct FixedResources<'a> {
    pub(super) listing: &'a Listing<PreparedResource>,
    /// Those after the cursor of the client.
    pub(super) rest: &'a [Arc<PreparedResource>],
    /// Those that the caller lacks the scopes to see.
    pub(super) hidden: Vec<&'static str>,
}

/// The limits of a page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PageLimits {
    /// The number of its items.
    pub(crate) items: usize,
    /// The length of its cursor, in bytes.
    pub(crate) cursor: usize,
}

/// A place in the list, among the entries of a method.
#[derive(Default)]
struct Position {
    /// The index of the template.
    template: usize,
    /// The cursor of the method's page. `None` for its first page.
    cursor: Option<String>,
    /// The number of entries of that page which earlier pages had.
    skipped: usize,
}

/// The content of a sealed cursor.
#[derive(Serialize, Deserialize)]
struct SealedPosition<'a> {
    principal: Principal,
    #[serde(borrow)]
    template: Cow<'a, str>,
    cursor: Option<String>,
    skipped: usize,
}

impl<'a> ResourceList<'a> {
    pub(super) fn new(limits: PageLimits, templates: Vec<&'a PreparedResource>) -> Self {
        Self {
            limits,
            fixed: None,
            entries: Vec::new(),
            next: None,
            sealed: None,
            templates,
            position: Some(Position::default()),
            is_full: false,
        }
    }

    /// Returns the resources and templates about which guards without arguments decide.
    pub(crate) fn guarded_items(&self) -> Vec<&'a Item> {
        let fixed = self.fixed.iter().flat_map(|fixed| {
            let guarded = fixed.listing.guarded_items().into_iter();
            guarded.filter(|item| !fixed.hidden.contains(&item.key))
        });
        let templates = self.templates.iter().map(|template| &template.item);
        fixed.chain(templates.filter(|item| !item.list_guards.is_empty())).collect()
    }

    /// Begins the page with the resources without variables, and drops everything that guards deny.
    pub(crate) fn begin(&mut self, denied: &[&'static str], version: ProtocolVersion) {
        self.templates.retain(|template| !denied.contains(&template.item.key));
        let Some(FixedResources { listing, rest, hidden }) = self.fixed.take() else { return };
        let (page, next) = listing.fill(rest, &|item| !hidden.contains(&item.key) && !denied.contains(&item.key));
        self.entries = page.into_iter().map(|resource| resource.item.definition(version).into()).collect();
        self.next = next;
    }

    /// Opens the cursor of the client. All errors are equal, because a reason would help to forge one.
    pub(crate) fn open(&mut self, keys: &StateKeys, principal: &Principal) -> Result<(), Error> {
        let Some(sealed) = self.sealed.take() else { return Ok(()) };
        let content = Some(&sealed).filter(|text| text.len() <= self.limits.cursor);
        let content = content.and_then(|text| keys.open(PURPOSE, text)).ok_or_else(unknown_cursor)?;
        let place: SealedPosition<'_> = serde_json::from_str(&content).map_err(|_| unknown_cursor())?;
        // Absent if the caller has lost its scopes, or the server no longer has it.
        let template = self.templates.iter().position(|template| template.item.key == place.template);
        match template.filter(|_| place.principal == *principal) {
            Some(template) => {
                self.position = Some(Position { template, cursor: place.cursor, skipped: place.skipped });
                Ok(())
            }
            None => Err(unknown_cursor()),
        }
    }

    /// Returns the next method to run, with the cursor for it. `None` once the page is complete.
    pub(crate) fn step(&self) -> Option<(&'a PreparedResource, &'a PreparedList, Option<String>)> {
        let room = !self.is_full && self.next.is_none() && self.entries.len() < self.limits.items;
        let position = self.position.as_ref().filter(|_| room)?;
        let template = *self.templates.get(position.template)?;
        Some((template, template.list.as_ref()?, position.cursor.clone()))
    }

    /// Adds the page that the method of the last [`step`](Self::step) returned.
    pub(crate) fn add(&mut self, page: ResourcePage, version: ProtocolVersion) -> Result<(), Error> {
        let Some(position) = &mut self.position else { return Ok(()) };
        let Some(resource) = self.templates.get(position.template) else { return Ok(()) };
        let Some(list) = &resource.list else { return Ok(()) };
        let room = self.limits.items.saturating_sub(self.entries.len());
        let count = page.entries.len();
        for entry in page.entries.iter().skip(position.skipped).take(room) {
            let entry = list
                .write(entry, resource.mime_type, version)
                .map_err(|error| Error::internal("An entry of the list has no URI").with_source(error))?;
            self.entries.push(entry.into());
        }
        let skipped = position.skipped.saturating_add(room);
        if skipped < count {
            position.skipped = skipped;
            self.is_full = true;
        } else if let Some(cursor) = page.next_cursor {
            if !list.takes_cursor {
                let cause = "the method takes no cursor; add a parameter `cursor: Option<String>`";
                return Err(Error::internal("The list has pages that can't be requested").with_source(cause));
            }
            *position = Position { template: position.template, cursor: Some(cursor), skipped: 0 };
            self.is_full = true;
        } else {
            let next = position.template + 1;
            self.position = (next < self.templates.len()).then(|| Position { template: next, ..Position::default() });
        }
        Ok(())
    }

    /// Writes the page, with the sealed cursor of the next one.
    ///
    /// The cursor is sealed, because it comes back from the client: a method reads only its own cursors, and those that it
    /// gave to the same caller.
    pub(crate) fn finish(self, keys: &StateKeys, principal: Principal) -> Result<ResultBody, Error> {
        let mut body = ResultBody::new();
        body.array("resources", &self.entries, |out, entry| out.extend_from_slice(entry));
        let place = self.position.filter(|_| self.next.is_none());
        let place = place.and_then(|place| Some((self.templates.get(place.template)?, place)));
        let sealed = place.map(|(template, Position { cursor, skipped, .. })| {
            let template = template.item.key.into();
            let content = serde_json::to_string(&SealedPosition { principal, template, cursor, skipped });
            let content = content.map_err(|_| Error::internal("The server can't write its cursor"))?;
            let text = keys.seal(PURPOSE, &content)?;
            if text.len() > self.limits.cursor {
                tracing::error!(
                    limit = self.limits.cursor,
                    "the cursor of a list is too long; see `limits.request.cursor_bytes`"
                );
                return Err(Error::internal("The cursor of the list is too long"));
            }
            Ok(text)
        });
        if let Some(next) = self.next.map(Ok).or(sealed).transpose()? {
            body.member("nextCursor", &next);
        }
        Ok(body)
    }
}
