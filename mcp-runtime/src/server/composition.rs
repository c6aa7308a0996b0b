//! Blocks put together, and why they sometimes cannot be.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::sync::Arc;

use mcp_core::UriTemplate;

use super::block::{Kind, PreparedBlock, PreparedResource};
use super::listing::Listed;

/// Why blocks cannot be put together. The message says which, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompositionError(Problem);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Problem {
    Clash { kind: Kind, key: &'static str, first: &'static str, second: &'static str },
    ForeignPart { part: &'static str, server: &'static str },
}

impl CompositionError {
    /// `part` is one of another server than `server`.
    pub(super) fn foreign(part: &'static str, server: &'static str) -> Self {
        Self(Problem::ForeignPart { part, server })
    }
}

impl fmt::Display for CompositionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, key, first, second) = match self.0 {
            Problem::Clash { kind, key, first, second } => (kind, key, first, second),
            Problem::ForeignPart { part, server } => {
                return write!(
                    f,
                    "`{part}` is no part of `{server}`; write `#[mcp::part(of = {server})]` above its block"
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

/// The templates of all blocks. No URI may belong to two of them in the same way.
pub(super) fn templates(
    blocks: &[Arc<PreparedBlock>],
) -> Result<Vec<(UriTemplate, Arc<PreparedResource>)>, CompositionError> {
    let mut found: Vec<(UriTemplate, Arc<PreparedResource>)> = Vec::new();
    let mut owners: Vec<&'static str> = Vec::new();
    for block in blocks {
        for (template, resource) in &block.templates {
            if let Some(index) = found.iter().position(|(other, _)| other.clashes_with(template)) {
                let (key, first) = (resource.item.key, owners[index]);
                return Err(CompositionError(Problem::Clash { kind: Kind::Template, key, first, second: block.name }));
            }
            found.push((template.clone(), Arc::clone(resource)));
            owners.push(block.name);
        }
    }
    Ok(found)
}
