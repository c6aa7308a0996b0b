//! The composition of blocks into one catalog.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use mcp_core::{TemplateConflict, UriIndex, UriTemplate};

use super::composition_error::{CompositionError, Kind, Problem};
use super::listing::ListItem;
use super::prepared::{PreparedBlock, PreparedResource};

fn kind_of(template: &UriTemplate) -> Kind {
    if template.is_fixed() { Kind::Resource } else { Kind::Template }
}

/// Checks that no item of an open server needs scopes.
///
/// The types of generated blocks guarantee that already. The check covers blocks written by hand.
pub(crate) fn check_unscoped(blocks: &[Arc<PreparedBlock>], server: &'static str) -> Result<(), CompositionError> {
    for block in blocks {
        let tools = block.tools.iter().map(|tool| (Kind::Tool, &tool.item));
        let resources = block.resources.iter().map(|(template, resource)| (kind_of(template), &resource.item));
        let prompts = block.prompts.iter().map(|prompt| (Kind::Prompt, &prompt.item));
        let mut items = tools.chain(resources).chain(prompts);
        if let Some((kind, item)) = items.find(|(_, item)| !item.needed.scopes().is_empty()) {
            return Err(CompositionError::new(Problem::Unguarded { kind, key: item.key, block: block.name, server }));
        }
    }
    Ok(())
}

/// Returns the items of all blocks.
pub(super) fn all<'a, T: 'a>(
    blocks: &'a [Arc<PreparedBlock>],
    items: impl Fn(&'a PreparedBlock) -> &'a Vec<Arc<T>>,
) -> impl Iterator<Item = Arc<T>> {
    blocks.iter().flat_map(move |block| items(block)).cloned()
}

/// Returns the items of all blocks by their keys. Refuses duplicates.
pub(super) fn by_key<'a, T: ListItem + 'a>(
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
                    return Err(CompositionError::new(Problem::Clash { kind, key, first, second: block.name }));
                }
            }
        }
    }
    Ok(found.into_iter().map(|(key, (_, item))| (key, item)).collect())
}

/// Returns the resources of all blocks by their URIs.
///
/// Refuses two resources with equal claims to a URI, and a template that shadows one that needs more scopes.
pub(super) fn resources(blocks: &[Arc<PreparedBlock>]) -> Result<UriIndex<Arc<PreparedResource>>, CompositionError> {
    let mut found: Vec<(&PreparedBlock, &UriTemplate, &Arc<PreparedResource>)> = Vec::new();
    for block in blocks {
        let earlier = found.len();
        for (template, resource) in &block.resources {
            if let Some((first, ..)) = found.iter().find(|(_, other, _)| other.clashes_with(template)) {
                let (kind, key, first) = (kind_of(template), resource.item.key, first.name);
                return Err(CompositionError::new(Problem::Clash { kind, key, first, second: block.name }));
            }
            // The macro has compared those of one block.
            for (first, other, needing_less) in &found[..earlier] {
                if let Some(conflict) = conflict((other, needing_less), (template, resource)) {
                    let (first, second) = (first.name, block.name);
                    return Err(CompositionError::new(Problem::TemplateConflict { conflict, first, second }));
                }
            }
            found.push((block, template, resource));
        }
    }
    Ok(UriIndex::new(found.into_iter().map(|(_, template, resource)| {
        (template.clone(), resource.item.needed.scopes().to_vec(), Arc::clone(resource))
    })))
}

/// Returns the URIs for which a resource shadows a later one that needs more scopes.
///
/// The hierarchy of scopes is unknown here. If each needs a scope that the other lacks, only a total conflict counts.
fn conflict(
    (template, first): (&UriTemplate, &PreparedResource),
    (other, second): (&UriTemplate, &PreparedResource),
) -> Option<TemplateConflict> {
    let (own, others) = (first.item.needed.scopes(), second.item.needed.scopes());
    let lacking: Vec<_> = others.iter().copied().filter(|scope| !own.contains(scope)).collect();
    if lacking.is_empty() {
        return None;
    }
    let needs_less = own.iter().all(|scope| others.contains(scope));
    TemplateConflict::new(template, other, &lacking).filter(|conflict| needs_less || conflict.is_total())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::auth::ScopeSet;
    use crate::server::declare::role;
    use crate::server::{
        Call, OneBlockPerTypeOthersAreParts, Part, Prompt, Resource, Server, ServerInfo, Service, Tool,
    };

    const ADMIN: &ScopeSet = &ScopeSet { scopes: &["admin"], challenge: "" };

    /// Declares a block with one item, as the macro never would if the item needs scopes.
    macro_rules! block {
        ($name:ident: $role:ident of $of:ty, $table:ident: $row:ident = $item:expr) => {
            struct $name;

            impl OneBlockPerTypeOthersAreParts for $name {
                type Role = role::$role;
                type Of = $of;
                const PROTECTION: () = ();
                const NAME: &'static str = stringify!($name);
                const INFO: ServerInfo = ServerInfo::new(stringify!($name), "1");
                const $table: &'static [$row<Self>] = &[$item];
            }
        };
    }

    block!(Notes: Open of Self, TOOLS: Tool = Tool::new("list", "", |_| None, never_run));
    block!(OfTool: Open of Self, TOOLS: Tool = Tool::new("drop", "", |_| None, never_run).scopes(ADMIN));
    block!(OfFurther: Open of Self, TOOLS: Tool = Tool::new("drop", "", |_| None, never_run).further_scopes(&["admin"]));
    block!(OfResource: Open of Self, RESOURCES: Resource = Resource::new("notes://all", "all", never_run).scopes(ADMIN));
    block!(OfTemplate: Open of Self, RESOURCES: Resource = Resource::new("notes://{id}", "one", never_run).scopes(ADMIN));
    block!(OfPrompt: Open of Self, PROMPTS: Prompt = Prompt::new("letter", "", never_run).scopes(ADMIN));
    block!(Plain: Part of Notes, TOOLS: Tool = Tool::new("find", "", |_| None, never_run));
    block!(Scoped: Part of Notes, TOOLS: Tool = Tool::new("drop", "", |_| None, never_run).further_scopes(&["admin"]));

    fn never_run<S, T>(_: Call<'_, S>) -> T {
        panic!("an item was run")
    }

    fn refused<S: Server>(server: S) -> String {
        let Err(panic) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(Service::new(server)))) else {
            panic!("it was built")
        };
        panic.downcast_ref::<String>().cloned().unwrap_or_default()
    }

    #[test]
    fn an_open_server_with_an_item_that_needs_scopes_is_not_built() {
        assert_eq!(
            refused(OfTool),
            "the tool `drop` in `OfTool` needs scopes, which the open server `OfTool` does not check; give the server an \
             `issuer` and a `resource`, or remove the scopes"
        );
        assert!(refused(OfFurther).starts_with("the tool `drop` in `OfFurther` needs scopes"));
        assert!(refused(OfResource).starts_with("the resource `notes://all` in `OfResource` needs scopes"));
        assert!(refused(OfTemplate).starts_with("the template `notes://{id}` in `OfTemplate` needs scopes"));
        assert!(refused(OfPrompt).starts_with("the prompt `letter` in `OfPrompt` needs scopes"));
    }

    #[test]
    fn a_part_that_needs_scopes_is_not_added_to_an_open_server() {
        fn keys(service: &Service) -> Vec<&'static str> {
            let catalog = service.catalog();
            catalog.items().iter().flat_map(|(_, items)| items.iter().map(|item| item.key)).collect()
        }
        fn add<P: Part>(service: &Arc<Service>, part: P) -> Result<(), String> {
            service.changes().add(part).map_err(|error| error.to_string())
        }
        let service = Service::new(Notes);
        let error = add(&service, Scoped).expect_err("refused");
        assert!(
            error.starts_with("the tool `drop` in `Scoped` needs scopes, which the open server `Notes`"),
            "{error}"
        );
        assert_eq!(keys(&service), ["list"], "nothing is added");
        assert_eq!(add(&service, Plain), Ok(()));
        assert_eq!(keys(&service), ["list", "find"]);
    }
}
