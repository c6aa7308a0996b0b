//! The keys of each attribute, and advice for unknown keys.

use super::foreign;
use super::kind::Kind;

/// An attribute or a value with keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Server,
    Part,
    Method(Kind),
    Arg,
    Icon,
}

impl Place {
    const ALL: [Self; 8] = [
        Self::Server,
        Self::Part,
        Self::Method(Kind::Tool),
        Self::Method(Kind::Resource),
        Self::Method(Kind::Prompt),
        Self::Method(Kind::Completion),
        Self::Arg,
        Self::Icon,
    ];

    /// Returns the name of the place in messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Server => "#[mcp::server]",
            Self::Part => "#[mcp::part]",
            Self::Method(Kind::Tool) => "#[mcp::tool]",
            Self::Method(Kind::Resource) => "#[mcp::resource]",
            Self::Method(Kind::Prompt) => "#[mcp::prompt]",
            Self::Method(Kind::Completion) => "#[mcp::completion]",
            Self::Arg => "#[arg]",
            Self::Icon => "icons",
        }
    }

    /// Returns the module of the keys in `mcp::__private::keys`.
    pub(crate) fn module(self) -> Option<&'static str> {
        match self {
            Self::Server => Some("server"),
            Self::Part => Some("part"),
            Self::Method(kind) => Some(kind.name()),
            Self::Arg => Some("arg"),
            Self::Icon => None,
        }
    }

    /// Returns every key, in the order of the documentation.
    pub(crate) fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Server => &[
                "name",
                "version",
                "title",
                "instructions",
                "issuer",
                "resource",
                "scopes",
                "optional_scopes",
                "extra_scopes",
                "scope_prefix",
                "hierarchy",
                "dpop",
                "guard",
                "rate",
                "resource_name",
                "resource_documentation",
                "icons",
                "website",
                "lenient",
                "inline_schemas",
                "timeout",
                "crate",
            ],
            Self::Part => &["of", "guard", "crate"],
            Self::Method(Kind::Tool) => &[
                "name",
                "title",
                "description",
                "scopes",
                "hidden",
                "guard",
                "rate",
                "read_only",
                "destructive",
                "idempotent",
                "open_world",
                "task",
                "input_schema",
                "lenient",
                "icons",
                "meta",
                "timeout",
                "blocking",
            ],
            Self::Method(Kind::Resource) => &[
                "name",
                "title",
                "description",
                "mime_type",
                "scopes",
                "hidden",
                "guard",
                "rate",
                "list",
                "size",
                "ttl_ms",
                "audience",
                "priority",
                "last_modified",
                "icons",
                "meta",
                "timeout",
                "blocking",
            ],
            Self::Method(Kind::Prompt) => &[
                "name",
                "title",
                "description",
                "scopes",
                "hidden",
                "guard",
                "rate",
                "icons",
                "meta",
                "timeout",
                "blocking",
            ],
            Self::Method(Kind::Completion) => &["prompt", "resource", "argument", "timeout", "blocking"],
            Self::Arg => &["name", "description", "default", "range", "length", "pattern", "header"],
            Self::Icon => &["src", "mime_type", "sizes", "theme"],
        }
    }

    /// Returns the error for an unknown key.
    pub(super) fn unknown(self, name: &str) -> String {
        format!("unknown key `{name}` in `{}`; {}", self.name(), self.advice(name))
    }

    /// Returns the advice for an unknown key.
    pub(super) fn advice(self, name: &str) -> String {
        let folded = fold(name);
        let keys = self.keys().iter().copied();
        if let Some(meant) = keys.clone().find(|key| fold(key) == folded) {
            return format!("did you mean `{meant}`?");
        }
        if let Some(advice) = foreign::advice(self, &folded) {
            return advice.to_owned();
        }
        if let Some(plural) = keys.clone().find(|key| fold(key).strip_suffix('s') == Some(&folded)) {
            return format!("did you mean `{plural}`?");
        }
        let begun: Vec<String> = (keys.clone())
            .filter(|key| folded.len() > 1 && fold(key).starts_with(&folded))
            .map(|key| format!("`{key}`"))
            .collect();
        if !begun.is_empty() {
            return format!("did you mean {}?", begun.join(" or "));
        }
        if let Some(meant) = mcp_core::closest(name, keys.clone()) {
            return format!("did you mean `{meant}`?");
        }
        if let Some(advice) = self.elsewhere(&folded) {
            return advice;
        }
        format!("the keys are: {}", self.keys().join(", "))
    }

    /// Returns the advice of another place that knows the name.
    fn elsewhere(self, folded: &str) -> Option<String> {
        let others = || Self::ALL.into_iter().filter(|other| *other != self && *other != Self::Icon);
        let owners: Vec<String> = others()
            .filter(|other| other.keys().iter().any(|key| fold(key) == folded))
            .map(|other| format!("`{}`", other.name()))
            .collect();
        if !owners.is_empty() {
            return Some(format!("it is a key of {}; write it there, or remove it", owners.join(" and ")));
        }
        others().find_map(|other| {
            let advice = foreign::advice(other, folded)?;
            Some(format!("it belongs in `{}`: {advice}", other.name()))
        })
    }
}

/// Removes differences between naming conventions: `readOnly` and `read_only` become `readonly`.
pub(super) fn fold(name: &str) -> String {
    let name = name.strip_prefix("r#").unwrap_or(name);
    name.chars().filter(char::is_ascii_alphanumeric).map(|char| char.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::errors::Errors;
    use crate::parse::{Arg, MethodAttribute, PartAttribute, ServerAttribute};

    /// Returns the name and the example of each key for editors.
    fn documented(place: Place) -> Option<Vec<(String, String)>> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../mcp-runtime/src/keys.rs");
        let file = std::fs::read_to_string(path).ok().and_then(|text| syn::parse_file(&text).ok())?;
        let module = file.items.into_iter().find_map(|item| match item {
            syn::Item::Mod(module) if Some(&*module.ident.to_string()) == place.module() => module.content,
            _ => None,
        });
        let keys = module?.1.into_iter().filter_map(|item| match item {
            syn::Item::Const(item) => match *item.expr {
                syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(example), .. }) => {
                    Some((item.ident.to_string(), example.value()))
                }
                _ => None,
            },
            _ => None,
        });
        Some(keys.collect())
    }

    #[test]
    fn every_key_is_documented_with_an_example_that_is_read() {
        for place in Place::ALL.into_iter().filter(|place| *place != Place::Icon) {
            let documented = documented(place).unwrap_or_default();
            let names: Vec<&str> = documented.iter().map(|(name, _)| &**name).collect();
            let keys: Vec<&str> = place.keys().iter().copied().filter(|key| *key != "crate").collect();
            assert_eq!(names, keys, "{}", place.name());
            for (name, example) in &documented {
                assert!(example.starts_with(name), "{example}");
                let mut errors = Errors::default();
                let tokens = example.parse().expect("tokens");
                match place {
                    Place::Server => drop(ServerAttribute::parse(tokens, &mut errors)),
                    Place::Part => drop(PartAttribute::parse(tokens, &mut errors)),
                    Place::Method(kind) => drop(MethodAttribute::parse(kind, tokens, &mut errors)),
                    Place::Arg => drop(Arg::parse(tokens, &mut errors)),
                    Place::Icon => {}
                }
                assert_eq!(errors.messages(), [""; 0], "{example}");
            }
        }
    }

    #[test]
    fn no_name_of_others_hides_a_key() {
        for place in Place::ALL {
            for key in place.keys() {
                assert_eq!(foreign::advice(place, &fold(key)), None, "{key} in {}", place.name());
            }
        }
    }
}
