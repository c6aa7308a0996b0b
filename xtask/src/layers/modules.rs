//! The modules of a crate, and the imports between their files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{Attribute, Item, Meta, Token, UseTree, Visibility};

use crate::workspace::Outcome;

/// The files that each file imports from, with the names of the items that it imports.
pub(crate) type Imports = BTreeMap<PathBuf, BTreeMap<PathBuf, BTreeSet<String>>>;

/// Reads the imports between the files of the crate whose sources are in `folder`. Tests are left out.
pub(crate) fn imports(folder: &Path) -> Outcome<Imports> {
    let mut modules = Modules::default();
    modules.read_file(folder, Path::new("lib.rs"), Vec::new())?;
    let mut imports = Imports::new();
    for module in modules.0.values() {
        let of_file = imports.entry(module.file.clone()).or_default();
        for path in &module.paths {
            // Modules that only lead to a name are not imported: the file that defines the name is.
            if let Some(Target::Item(target, name)) = modules.resolve(&module.name, path, DEPTH)
                && target.file != module.file
            {
                of_file.entry(target.file.clone()).or_default().insert(name.to_owned());
            }
        }
    }
    Ok(imports)
}

/// Limits how many imports lead to a name, because those of macros could form a circle.
const DEPTH: usize = 16;

/// The modules of a crate by their names, whose first segment is the first below the crate.
#[derive(Default)]
struct Modules(BTreeMap<Vec<String>, Module>);

#[derive(Default)]
struct Module {
    name: Vec<String>,
    /// The path below the crate's folder of sources.
    file: PathBuf,
    items: BTreeSet<String>,
    /// The full path of each name that a `use` brings into scope.
    aliases: BTreeMap<String, Vec<String>>,
    /// The paths that the module's own code names, and those that it imports for itself.
    paths: BTreeSet<Vec<String>>,
}

/// The end of a path.
enum Target<'a> {
    Module(&'a Module),
    /// An item, by the module that defines it and its name.
    Item(&'a Module, &'a str),
}

impl Modules {
    fn read_file(&mut self, folder: &Path, file: &Path, name: Vec<String>) -> Outcome {
        let path = folder.join(file);
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let syntax = syn::parse_file(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        self.read_items(folder, file, name, &syntax.items)
    }

    fn read_items(&mut self, folder: &Path, file: &Path, name: Vec<String>, items: &[Item]) -> Outcome {
        let mut module = Module { name: name.clone(), file: file.to_owned(), ..Module::default() };
        for item in items {
            let Item::Mod(inner) = item else {
                module.visit_item(item);
                module.items.extend(defined(item));
                continue;
            };
            if is_test(&inner.attrs) {
                continue;
            }
            let name: Vec<String> = name.iter().cloned().chain([inner.ident.to_string()]).collect();
            match &inner.content {
                Some((_, items)) => self.read_items(folder, file, name, items)?,
                None => {
                    let path: PathBuf = name.iter().collect();
                    let flat = path.with_extension("rs");
                    let file = if folder.join(&flat).exists() { flat } else { path.join("mod.rs") };
                    self.read_file(folder, &file, name)?;
                }
            }
        }
        self.0.insert(name, module);
        Ok(())
    }

    /// Finds the end of a path that is written in the module `from`, if it is in this crate.
    fn resolve<'a>(&'a self, from: &[String], path: &'a [String], depth: usize) -> Option<Target<'a>> {
        let (first, rest) = path.split_first()?;
        let mut target = match first.as_str() {
            "crate" => Target::Module(self.0.get(&[] as &[String])?),
            "self" => Target::Module(self.0.get(from)?),
            "super" => Target::Module(self.0.get(from.split_last()?.1)?),
            name => self.find(self.0.get(from)?, name, rest.is_empty(), depth)?,
        };
        for (index, name) in rest.iter().enumerate() {
            let is_last = index + 1 == rest.len();
            target = match target {
                Target::Module(module) if name == "super" => Target::Module(self.0.get(module.name.split_last()?.1)?),
                // A name that a macro defines is not found, and belongs to the module all the same.
                Target::Module(module) => self.find(module, name, is_last, depth).unwrap_or(Target::Item(module, name)),
                // A variant, or an associated item.
                item @ Target::Item(..) => item,
            };
        }
        Some(target)
    }

    /// Finds a name in a module. A function and a module can share it: a path that goes on means the module.
    fn find<'a>(&'a self, module: &'a Module, name: &'a str, is_last: bool, depth: usize) -> Option<Target<'a>> {
        let inner: Vec<String> = module.name.iter().map(String::as_str).chain([name]).map(String::from).collect();
        let inner = self.0.get(&inner).map(Target::Module);
        if !is_last && inner.is_some() {
            return inner;
        }
        if module.items.contains(name) {
            return Some(Target::Item(module, name));
        }
        if let Some(path) = module.aliases.get(name) {
            return self.resolve(&module.name, path, depth.checked_sub(1)?);
        }
        inner
    }
}

impl Module {
    fn add_use(&mut self, prefix: &[String], tree: &UseTree, is_exported: bool) {
        let with = |name: &dyn Display| prefix.iter().cloned().chain([name.to_string()]).collect::<Vec<String>>();
        let (path, alias) = match tree {
            UseTree::Path(path) => return self.add_use(&with(&path.ident), &path.tree, is_exported),
            UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.add_use(prefix, tree, is_exported));
                return;
            }
            UseTree::Glob(_) => {
                self.paths.insert(with(&"*"));
                return;
            }
            UseTree::Name(name) if name.ident == "self" => {
                (prefix.to_vec(), prefix.last().cloned().unwrap_or_default())
            }
            UseTree::Name(name) => (with(&name.ident), name.ident.to_string()),
            UseTree::Rename(rename) => (with(&rename.ident), rename.rename.to_string()),
        };
        // A re-export is an import where the module's own code names it.
        if !is_exported {
            self.paths.insert(path.clone());
        }
        if path.len() > 1 {
            self.aliases.insert(alias, path);
        }
    }

    /// Adds the paths in the tokens of a macro.
    fn add_tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.paths.insert(std::mem::take(&mut path));
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                other => {
                    self.paths.insert(std::mem::take(&mut path));
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.add_tokens(group.stream());
                    }
                }
            }
        }
        self.paths.insert(path);
    }
}

impl<'ast> Visit<'ast> for Module {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if item.leading_colon.is_none() {
            self.add_use(&[], &item.tree, !matches!(item.vis, Visibility::Inherited));
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            self.paths.insert(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        visit::visit_macro(self, item);
        self.add_tokens(item.tokens.clone());
    }
}

/// Returns the name that an item defines.
fn defined(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}

/// Returns `true` if the attributes are those of a module of tests.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg") && attribute.parse_args::<Meta>().is_ok_and(|condition| needs_test(&condition))
    })
}

fn needs_test(condition: &Meta) -> bool {
    match condition {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("all") => {
            let conditions = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
            conditions.is_ok_and(|conditions| conditions.iter().any(needs_test))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_is_of_the_file_that_defines_the_item() {
        let folder = std::env::temp_dir().join(format!("xtask-layers-{}", std::process::id()));
        for (file, text) in [
            (
                "lib.rs",
                "mod low; mod high; pub use high::High; mod inline { pub use crate::low::deep::Deep as Renamed; }",
            ),
            ("low/mod.rs", "pub(crate) mod deep; pub use deep::Deep; pub use deep::helper; pub use deep::deep;"),
            (
                "low/deep.rs",
                "pub struct Deep; pub struct Deeper; pub fn deep() {} pub fn helper() {} #[cfg(all(test, unix))] mod tests { use crate::High; }",
            ),
            (
                "high.rs",
                "use std::fmt; use crate::low::deep::Deeper; use crate::low::{self, Deep}; pub struct High(crate::inline::Renamed); fn f() { vec![low::helper()]; }",
            ),
        ] {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let imports = imports(&folder);
        fs::remove_dir_all(&folder).unwrap();
        let found: Vec<String> = imports
            .unwrap()
            .iter()
            .flat_map(|(file, targets)| {
                targets.iter().map(move |(target, names)| format!("{file:?} {target:?} {names:?}"))
            })
            .collect();
        assert_eq!(found, [r#""high.rs" "low/deep.rs" {"Deep", "Deeper", "helper"}"#]);
    }
}
