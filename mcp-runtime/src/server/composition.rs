//! Blocks put together, and why they sometimes cannot be.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::sync::Arc;

use mcp_core::{TakenUris, UriIndex, UriTemplate};

use super::block::{Kind, PreparedBlock, PreparedResource};
use super::listing::Listed;

/// Why blocks cannot be put together. The message says which, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompositionError(Problem);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Problem {
    Clash { kind: Kind, key: &'static str, first: &'static str, second: &'static str },
    ForeignPart { part: &'static str, server: &'static str },
    TakenUris { taken: TakenUris, first: &'static str, second: &'static str },
}

impl CompositionError {
    /// `part` is one of another server than `server`.
    pub(super) fn foreign(part: &'static str, server: &'static str) -> Self {
        Self(Problem::ForeignPart { part, server })
    }
}

impl fmt::Display for CompositionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, key, first, second) = match &self.0 {
            Problem::Clash { kind, key, first, second } => (kind, key, first, second),
            Problem::ForeignPart { part, server } => {
                return write!(
                    f,
                    "`{part}` is no part of `{server}`; write `#[mcp::part(of = {server})]` above its block"
                );
            }
            Problem::TakenUris { taken, first, second } => {
                return write!(
                    f,
                    "{taken} (the first is in `{first}`, the second in `{second}`, which is added later)"
                );
            }
        };
        let (kind, name) = match kind {
            Kind::Tool => ("tool", "name"),
            Kind::Resource => ("resource", "URI"),
            Kind::Template => ("template", "form"),
            Kind::Prompt => ("prompt", "name"),
        };
        if first == second {
            return write!(
                f,
                "there are two {kind}s `{key}` in `{first}`; add it once, or give one of them another {name}"
            );
        }
        write!(f, "there is a {kind} `{key}` in `{first}` and in `{second}`; give one of them another {name}")
    }
}

impl std::error::Error for CompositionError {}

/// The items of all blocks.
pub(super) fn all<'a, T: 'a>(
    blocks: &'a [Arc<PreparedBlock>],
    items: impl Fn(&'a PreparedBlock) -> &'a Vec<Arc<T>>,
) -> impl Iterator<Item = Arc<T>> {
    blocks.iter().flat_map(move |block| items(block)).cloned()
}

/// The items of all blocks by the key that clients ask for.
pub(super) fn by_key<'a, T: Listed + 'a>(
    kind: Kind,
    blocks: &'a [Arc<PreparedBlock>],
    items: impl Fn(&'a PreparedBlock) -> &'a Vec<Arc<T>>,
) -> Result<HashMap<&'static str, Arc<T>>, CompositionError> {
    let mut found: HashMap<&'static str, (&'static str, Arc<T>)> = HashMap::new();
    for block in blocks {
        for item in items(block) {
            let key = item.item().key;
            match found.entry(key) {
                Entry::Vacant(place) => {
                    place.insert((block.name, Arc::clone(item)));
                }
                Entry::Occupied(other) => {
                    let first = other.get().0;
                    return Err(CompositionError(Problem::Clash { kind, key, first, second: block.name }));
                }
            }
        }
    }
    Ok(found.into_iter().map(|(key, (_, item))| (key, item)).collect())
}

/// The resources of all blocks by their URIs. No URI may belong to two of them in the same way, and no template may take URIs
/// away from one that needs more.
pub(super) fn resources(blocks: &[Arc<PreparedBlock>]) -> Result<UriIndex<Arc<PreparedResource>>, CompositionError> {
    let mut found: Vec<(&PreparedBlock, &UriTemplate, &Arc<PreparedResource>)> = Vec::new();
    for block in blocks {
        let earlier = found.len();
        for (template, resource) in &block.resources {
            if let Some((first, ..)) = found.iter().find(|(_, other, _)| other.clashes_with(template)) {
                let kind = if template.is_fixed() { Kind::Resource } else { Kind::Template };
                let (key, first) = (resource.item.key, first.name);
                return Err(CompositionError(Problem::Clash { kind, key, first, second: block.name }));
            }
            // Within a block, the macro has compared them.
            for (first, other, needing_less) in &found[..earlier] {
                if let Some(taken) = taken((other, needing_less), (template, resource)) {
                    let (first, second) = (first.name, block.name);
                    return Err(CompositionError(Problem::TakenUris { taken, first, second }));
                }
            }
            found.push((block, template, resource));
        }
    }
    Ok(UriIndex::new(found.into_iter().map(|(_, template, resource)| {
        (template.clone(), resource.item.needed.scopes().to_vec(), Arc::clone(resource))
    })))
}

/// What a resource takes away from a later one that needs more. The hierarchy of the scopes is not known here: where each
/// needs something that the other does not, that is an error only if the later one is never used.
fn taken(
    (template, first): (&UriTemplate, &PreparedResource),
    (other, second): (&UriTemplate, &PreparedResource),
) -> Option<TakenUris> {
    let (own, others) = (first.item.needed.scopes(), second.item.needed.scopes());
    let lacking: Vec<_> = others.iter().copied().filter(|scope| !own.contains(scope)).collect();
    if lacking.is_empty() {
        return None;
    }
    let needs_less = own.iter().all(|scope| others.contains(scope));
    TakenUris::new(template, other, &lacking).filter(|taken| needs_less || taken.are_all())
}
