//! Which claims of a token have scopes, and how they are written.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::auth::TokenError;
use crate::auth::claims::wrong_type;

/// What stands for each accepted audience in the name of a claim.
const AUDIENCE: &str = "{audience}";

/// A claim that scopes are read from.
#[derive(Debug, Clone)]
pub(super) struct ScopeClaim {
    name: Cow<'static, str>,
    form: Form,
    /// Read only where none of the claims before it is in the token.
    is_alternative: bool,
    /// Expected in every token, because an operator asked for it.
    is_expected: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A text with spaces, or a list.
    Texts,
    /// The names of an object's members.
    Keys,
}

impl ScopeClaim {
    /// `scope` (RFC 9068 §2.2.3), or `scp` where there is none.
    pub(super) const STANDARD: [Self; 2] = [Self::texts("scope"), Self::known(Cow::Borrowed("scp"), Form::Texts, true)];

    pub(super) const fn texts(name: &'static str) -> Self {
        Self::known(Cow::Borrowed(name), Form::Texts, false)
    }

    pub(super) const fn keys(name: &'static str) -> Self {
        Self::known(Cow::Borrowed(name), Form::Keys, false)
    }

    const fn known(name: Cow<'static, str>, form: Form, is_alternative: bool) -> Self {
        Self { name, form, is_alternative, is_expected: false }
    }

    pub(super) fn named_by_operator(name: String) -> Self {
        Self { name: name.into(), form: Form::Texts, is_alternative: false, is_expected: true }
    }

    pub(super) fn of_keys(self) -> Self {
        Self { form: Form::Keys, ..self }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Returns `true` if every token should have it, because an operator named it.
    #[cfg(feature = "jwt")]
    pub(super) fn is_expected(&self) -> bool {
        self.is_expected
    }

    fn values<'a>(&self, claims: &'a Map<String, Value>, audiences: &[String]) -> Vec<&'a Value> {
        if self.name.contains(AUDIENCE) {
            audiences.iter().filter_map(|audience| claims.get(&self.name.replace(AUDIENCE, audience))).collect()
        } else {
            find(claims, &self.name).into_iter().collect()
        }
    }

    fn read(&self, value: &Value, scopes: &mut Vec<String>) -> Result<(), TokenError> {
        let mut add = |scope: &str| {
            if !scopes.iter().any(|known| known == scope) {
                scopes.push(scope.to_owned());
            }
        };
        match (self.form, value) {
            (Form::Texts, Value::String(text)) => text.split(' ').filter(|scope| !scope.is_empty()).for_each(add),
            (Form::Texts, Value::Array(items)) => {
                for item in items {
                    add(item.as_str().ok_or_else(|| wrong_type(&self.name, item))?);
                }
            }
            (Form::Keys, Value::Object(members)) => members.keys().for_each(|scope| add(scope)),
            // Some versions write an object for each role.
            (Form::Keys, Value::Array(items)) => {
                for item in items {
                    let members = item.as_object().ok_or_else(|| wrong_type(&self.name, item))?;
                    members.keys().for_each(|scope| add(scope));
                }
            }
            _ => return Err(wrong_type(&self.name, value)),
        }
        Ok(())
    }
}

/// The scopes of a token, and the claims without which it came though an operator named them.
pub(super) fn read_scopes<'p>(
    sources: &'p [ScopeClaim],
    claims: &Map<String, Value>,
    audiences: &[String],
) -> Result<(Vec<String>, Vec<&'p str>), TokenError> {
    let mut scopes = Vec::new();
    let mut missing = Vec::new();
    let mut is_found = false;
    for source in sources {
        if source.is_alternative && is_found {
            continue;
        }
        let values = source.values(claims, audiences);
        is_found |= !values.is_empty();
        if values.is_empty() && source.is_expected {
            missing.push(source.name());
        }
        for value in values {
            source.read(value, &mut scopes)?;
        }
    }
    Ok((scopes, missing))
}

/// Whether a token has one of these claims.
pub(super) fn has_any(sources: &[ScopeClaim], claims: &Map<String, Value>) -> bool {
    sources.iter().any(|source| find(claims, &source.name).is_some())
}

/// The claim of this name, or else what the name leads to as a path with dots. Names of members have dots, too, so the
/// longest name that is there counts first.
pub(super) fn find<'a>(claims: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    claims.get(path).or_else(|| {
        path.rmatch_indices('.').find_map(|(dot, _)| match claims.get(&path[..dot]) {
            Some(Value::Object(inner)) => find(inner, &path[dot + 1..]),
            _ => None,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Map<String, Value> {
        let Value::Object(object) = value else { panic!("an object") };
        object
    }

    #[test]
    fn a_claim_is_found_by_its_name_or_by_a_path() {
        let claims = object(json!({
            "scope": 1,
            "https://example.com/roles": 2,
            "a.b": {"c": 3, "d.e": 4},
            "a": {"b": {"c": 5, "f": 6}, "x.y": {"z": 7}},
            "list": [{"a": 8}],
        }));
        for (path, expected) in [
            ("scope", Some(1)),
            ("https://example.com/roles", Some(2)),
            ("a.b.c", Some(3)),
            ("a.b.d.e", Some(4)),
            ("a.b.f", Some(6)),
            ("a.x.y.z", Some(7)),
            ("a.b.g", None),
            ("scope.a", None),
            ("list.a", None),
            ("list.0.a", None),
            ("", None),
            (".", None),
        ] {
            assert_eq!(find(&claims, path).and_then(Value::as_u64), expected, "{path}");
        }
    }

    #[test]
    fn scopes_are_separated_by_spaces_alone() {
        let sources = [ScopeClaim::texts("x")];
        for (value, expected) in [
            (json!("a b"), Some(vec!["a", "b"])),
            (json!("  a   b "), Some(vec!["a", "b"])),
            (json!("a\tb"), Some(vec!["a\tb"])),
            (json!("a,b"), Some(vec!["a,b"])),
            (json!(""), Some(vec![])),
            (json!(["a b", "c"]), Some(vec!["a b", "c"])),
            (json!(["a", 1]), None),
            (json!(1), None),
            (json!(null), None),
            (json!({"a": true}), None),
        ] {
            let claims = object(json!({"x": value}));
            let read = read_scopes(&sources, &claims, &[]);
            let expected = expected.map(|scopes| scopes.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(read.ok().map(|(scopes, _)| scopes), expected, "{value}");
        }
    }

    #[test]
    fn scopes_of_all_claims_count_but_those_of_alternatives() {
        let claims = object(json!({
            "scp": "b a", "roles": ["a", "c"], "keys": [{"d": {}}, {"e": {}}], "of:1:x": {"f": {}}, "of:2:x": {"g": {}},
        }));
        let operators = ScopeClaim::named_by_operator("groups".to_owned());
        let sources =
            [ScopeClaim::texts("roles"), ScopeClaim::keys("keys"), ScopeClaim::keys("of:{audience}:x"), operators];
        let all = [&ScopeClaim::STANDARD[..], &sources].concat();
        let audiences = ["1".to_owned(), "3".to_owned()];
        let (scopes, missing) = read_scopes(&all, &claims, &audiences).unwrap();
        assert_eq!(scopes, ["b", "a", "c", "d", "e", "f"]);
        assert_eq!(missing, ["groups"]);
        let both = object(json!({"scope": "", "scp": "a"}));
        assert_eq!(read_scopes(&all, &both, &[]).unwrap().0, [""; 0]);
    }
}
