//! The claims of a token that have scopes.

use std::borrow::Cow;

use mcp_core::Resource;
use serde_json::{Map, Value};

use crate::auth::TokenError;
use crate::auth::claims::{read_texts, wrong_type};

/// The placeholder for each accepted audience in the name of a claim.
const AUDIENCE: &str = "{audience}";

/// A claim that scopes are read from.
#[derive(Debug, Clone)]
pub(super) struct ScopeClaim {
    name: Cow<'static, str>,
    form: ScopeForm,
    /// Set if it is read only when the token lacks earlier claims.
    is_alternative: bool,
    /// Set if it is read only from a token for this server alone.
    is_unaddressed: bool,
    /// Set if an operator named it, so that every token should have it.
    is_expected: bool,
}

/// The form of the scopes in a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ScopeForm {
    /// A text with spaces, or a list.
    Texts,
    /// The names of an object's members.
    Keys,
}

impl ScopeClaim {
    /// The claims `scope` (RFC 9068 §2.2.3), or else `scp`.
    pub(super) const STANDARD: [Self; 2] =
        [Self::texts("scope"), Self::known(Cow::Borrowed("scp"), ScopeForm::Texts, true)];

    pub(super) const fn texts(name: &'static str) -> Self {
        Self::known(Cow::Borrowed(name), ScopeForm::Texts, false)
    }

    pub(super) const fn keys(name: &'static str) -> Self {
        Self::known(Cow::Borrowed(name), ScopeForm::Keys, false)
    }

    /// Creates a claim with the roles of a project that it does not name.
    ///
    /// Only the audience of a token shows the project.
    pub(super) const fn unaddressed_keys(name: &'static str) -> Self {
        Self {
            name: Cow::Borrowed(name),
            form: ScopeForm::Keys,
            is_alternative: false,
            is_unaddressed: true,
            is_expected: false,
        }
    }

    const fn known(name: Cow<'static, str>, form: ScopeForm, is_alternative: bool) -> Self {
        Self { name, form, is_alternative, is_unaddressed: false, is_expected: false }
    }

    pub(super) fn named_by_operator(name: String) -> Self {
        Self { is_expected: true, ..Self::known(name.into(), ScopeForm::Texts, false) }
    }

    pub(super) fn of_keys(self) -> Self {
        Self { form: ScopeForm::Keys, ..self }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Returns `true` if an operator named the claim.
    #[cfg(feature = "jwt")]
    pub(super) fn is_expected(&self) -> bool {
        self.is_expected
    }

    fn values<'a>(&self, claims: &'a Map<String, Value>, recipient: &Recipient<'_>) -> Vec<&'a Value> {
        if self.is_unaddressed && !recipient.is_alone_in(claims) {
            return Vec::new();
        }
        if self.name.contains(AUDIENCE) {
            recipient
                .audiences
                .iter()
                .filter_map(|audience| claims.get(&self.name.replace(AUDIENCE, audience)))
                .collect()
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
            (ScopeForm::Texts, Value::String(text)) => text.split(' ').filter(|scope| !scope.is_empty()).for_each(add),
            (ScopeForm::Texts, Value::Array(items)) => {
                for item in items {
                    add(item.as_str().ok_or_else(|| wrong_type(&self.name, item))?);
                }
            }
            (ScopeForm::Keys, Value::Object(members)) => members.keys().for_each(|scope| add(scope)),
            // Some versions of ZITADEL write an object for each role.
            (ScopeForm::Keys, Value::Array(items)) => {
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

/// The names of this server and its client in tokens.
#[derive(Clone, Copy)]
pub(super) struct Recipient<'a> {
    pub(super) resource: &'a str,
    /// The other names of the resource, such as the id of a project.
    pub(super) audiences: &'a [String],
    /// The client of the token.
    pub(super) client: Option<&'a str>,
}

impl Recipient<'_> {
    /// Returns `true` if a token is for this server and its own client alone.
    ///
    /// ZITADEL writes the project of the client into `aud`, together with all that the client asks for. So a token of a
    /// client of another project names that project. Older clients have names like `NUMBER@NAME`, which no project has. If
    /// the operator names no project, that number may stand beside the resource.
    fn is_alone_in(&self, claims: &Map<String, Value>) -> bool {
        let older = self.client.and_then(|client| Some((client, client.split_once('@')?.0)));
        let is_ours = |name: &String| {
            Resource::is_named(self.resource, name)
                || self.audiences.contains(name)
                || older.is_some_and(|(client, number)| name == client || self.audiences.is_empty() && name == number)
        };
        read_texts(claims, "aud").is_ok_and(|names| names.is_some_and(|names| names.iter().all(is_ours)))
    }
}

/// Returns the scopes of a token, and the operator's claims that it lacks.
pub(super) fn read_scopes<'p>(
    sources: &'p [ScopeClaim],
    claims: &Map<String, Value>,
    recipient: &Recipient<'_>,
) -> Result<(Vec<String>, Vec<&'p str>), TokenError> {
    let mut scopes = Vec::new();
    let mut missing = Vec::new();
    let mut is_found = false;
    for source in sources {
        if source.is_alternative && is_found {
            continue;
        }
        let values = source.values(claims, recipient);
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

/// Returns `true` if a token has one of these claims.
pub(super) fn has_any(sources: &[ScopeClaim], claims: &Map<String, Value>) -> bool {
    sources.iter().any(|source| find(claims, &source.name).is_some())
}

/// Returns the claim of this name, or at this path with dots.
///
/// The longest name that exists goes first, because names of members can have dots, too.
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

    fn recipient(audiences: &[String]) -> Recipient<'_> {
        Recipient { resource: "https://a", audiences, client: Some("1@app") }
    }

    #[test]
    fn roles_of_an_unnamed_project_count_in_a_token_for_us_alone() {
        let project = ["7".to_owned()];
        for (audiences, aud, expected) in [
            (&project[..], json!(["1@app", "7", "https://a"]), true),
            (&project, json!("7"), true),
            (&project, json!(["1@app", "7", "8"]), false),
            (&project, json!(["1@app", "7", "1"]), false),
            (&project, json!(["1@app", "7", "2@app"]), false),
            (&[], json!(["1@app", "1", "https://a"]), true),
            (&[], json!(["1@app", "8", "https://a"]), false),
            (&[], json!(["1@app", 1]), false),
            (&[], json!(null), false),
        ] {
            let claims = object(json!({"aud": aud, "x": {"a": {}}}));
            let sources = [ScopeClaim::unaddressed_keys("x")];
            let (scopes, _) = read_scopes(&sources, &claims, &recipient(audiences)).unwrap();
            assert_eq!(!scopes.is_empty(), expected, "{aud}");
        }
        let newer = Recipient { client: Some("8"), ..recipient(&project) };
        let claims = object(json!({"aud": ["7", "8"]}));
        assert!(!newer.is_alone_in(&claims), "a number alone may be that of a project");
        assert!(!newer.is_alone_in(&Map::new()));
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
            let read = read_scopes(&sources, &claims, &recipient(&[]));
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
        let (scopes, missing) = read_scopes(&all, &claims, &recipient(&audiences)).unwrap();
        assert_eq!(scopes, ["b", "a", "c", "d", "e", "f"]);
        assert_eq!(missing, ["groups"]);
        let both = object(json!({"scope": "", "scp": "a"}));
        assert_eq!(read_scopes(&all, &both, &recipient(&[])).unwrap().0, [""; 0]);
    }
}
