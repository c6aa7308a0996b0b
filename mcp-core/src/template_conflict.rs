//! Conflicts between templates that serve the same URIs with different scopes.

use std::fmt;

use crate::uri_pattern::UriPattern;
use crate::uri_template::UriTemplate;

/// A template that serves URIs of a later, more protected one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateConflict {
    extent: Extent,
    first: String,
    second: String,
    lacking: Vec<String>,
}

/// The URIs that match both templates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// All URIs of the second template, which therefore serves none.
    AllOfSecond,
    /// All URIs of the first template, but not all of the second.
    AllOfFirst,
    /// Some URIs of each template.
    Some,
}

impl TemplateConflict {
    /// Compares a template with a later one that also needs `lacking`.
    ///
    /// Returns `None` if no URI matches both. Parameters do not count. A URI without variables never conflicts, because it
    /// takes precedence over templates, wherever it is declared.
    #[must_use]
    pub fn new(first: &UriTemplate, second: &UriTemplate, lacking: &[&str]) -> Option<Self> {
        if first.is_fixed() || second.is_fixed() {
            return None;
        }
        Some(Self {
            extent: Extent::of(&UriPattern::exact(first.parts()), &UriPattern::exact(second.parts()))?,
            first: first.as_str().to_owned(),
            second: second.as_str().to_owned(),
            lacking: lacking.iter().map(|scope| (*scope).to_owned()).collect(),
        })
    }

    /// Returns `true` if the second template never serves a URI.
    #[must_use]
    pub fn is_total(&self) -> bool {
        self.extent == Extent::AllOfSecond
    }
}

impl Extent {
    fn of(first: &UriPattern, second: &UriPattern) -> Option<Self> {
        if first.contains(second) {
            Some(Self::AllOfSecond)
        } else if second.contains(first) {
            Some(Self::AllOfFirst)
        } else {
            first.overlaps(second).then_some(Self::Some)
        }
    }
}

impl fmt::Display for TemplateConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { extent, first, second, lacking } = self;
        let quoted = |around: &str, between: &str| {
            lacking.iter().map(|scope| format!("{around}{scope}{around}")).collect::<Vec<_>>().join(between)
        };
        let needs = quoted("`", " and ");
        match extent {
            Extent::AllOfSecond => write!(f, "`{first}` takes every URI of `{second}`, which also needs {needs}")?,
            Extent::Some => write!(f, "`{first}` takes URIs away from `{second}`, which also needs {needs}")?,
            Extent::AllOfFirst => {
                write!(f, "every URI of `{first}` is one of `{second}`, too, which also needs {needs}")?;
            }
        }
        f.write_str("; ")?;
        if *extent != Extent::AllOfFirst {
            write!(f, "declare `{second}` first, or ")?;
        }
        write!(f, "add `{}` to the `scopes` of `{first}`", quoted("\"", ", "))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn template(text: &str) -> UriTemplate {
        UriTemplate::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    /// Compares pairs of templates over every URI of few characters.
    #[test]
    fn templates_are_compared_as_their_uris_are() {
        let templates = [
            "a:{x}",
            "a:{+x}",
            "a:b/{x}",
            "a:{x}/b",
            "a:{x}/{y}",
            "a:{+x}/{y}",
            "a:b{+x}",
            "a:{x}b",
            "a:{x}b{y}",
            "a:b{x}b",
            "c:{x}",
        ];
        let mut texts = vec![String::new()];
        let mut all = texts.clone();
        for _ in 0..5 {
            texts = texts.iter().flat_map(|text| ["b", "/", "c"].map(|c| format!("{text}{c}"))).collect();
            all.extend_from_slice(&texts);
        }
        let uris: Vec<String> = all.iter().flat_map(|text| [format!("a:{text}"), format!("c:{text}")]).collect();
        for (one, other) in templates.iter().flat_map(|one| templates.map(|other| (*one, other))) {
            let (first, second) = (template(one), template(other));
            let of = |template: &UriTemplate| {
                uris.iter().filter(|uri| template.match_uri(uri).is_some()).collect::<HashSet<_>>()
            };
            let (firsts, seconds) = (of(&first), of(&second));
            let expected = if seconds.is_subset(&firsts) {
                Some(Extent::AllOfSecond)
            } else if firsts.is_subset(&seconds) {
                Some(Extent::AllOfFirst)
            } else {
                (!firsts.is_disjoint(&seconds)).then_some(Extent::Some)
            };
            assert_eq!(
                TemplateConflict::new(&first, &second, &[]).map(|conflict| conflict.extent),
                expected,
                "{one} {other}"
            );
        }
    }

    #[test]
    fn says_what_to_write() {
        let message = |first, second| {
            TemplateConflict::new(&template(first), &template(second), &["x", "y"]).map(|conflict| conflict.to_string())
        };
        assert_eq!(
            message("a:{+path}", "a:b/{c}").as_deref(),
            Some(
                "`a:{+path}` takes every URI of `a:b/{c}`, which also needs `x` and `y`; declare `a:b/{c}` first, or add \
                 `\"x\", \"y\"` to the `scopes` of `a:{+path}`"
            )
        );
        assert_eq!(
            message("a:{x}/b{?q}", "a:c/{y}").as_deref(),
            Some(
                "`a:{x}/b{?q}` takes URIs away from `a:c/{y}`, which also needs `x` and `y`; declare `a:c/{y}` first, or \
                 add `\"x\", \"y\"` to the `scopes` of `a:{x}/b{?q}`"
            )
        );
        assert_eq!(
            message("a:b/{c}", "a:{+path}").as_deref(),
            Some(
                "every URI of `a:b/{c}` is one of `a:{+path}`, too, which also needs `x` and `y`; add `\"x\", \"y\"` to \
                 the `scopes` of `a:b/{c}`"
            )
        );
        assert_eq!(message("a:b", "a:{c}"), None);
        assert_eq!(message("a:{c}", "a:b"), None);
        assert_eq!(message("a:{c}", "a:{d}/e"), None);
    }
}
