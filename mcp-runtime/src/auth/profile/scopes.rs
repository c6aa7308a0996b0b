//! Which claims of a token have scopes, and how they are written.

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
    form: Written,
    /// Read only where none of the claims before it is in the token.
    is_alternative: bool,
    /// Read only from a token that is for nobody but this server and its own client.
    is_unaddressed: bool,
    /// Expected in every token, because an operator asked for it.
    is_expected: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    /// A text with spaces, or a list.
    Texts,
    /// The names of an object's members.
    Keys,
}

impl ScopeClaim {
    /// `scope` (RFC 9068 §2.2.3), or `scp` where there is none.
    pub(super) const STANDARD: [Self; 2] =
        [Self::texts("scope"), Self::known(Cow::Borrowed("scp"), Written::Texts, true)];

    pub(super) const fn texts(name: &'static str) -> Self {
        Self::known(Cow::Borrowed(name), Written::Texts, false)
    }

    pub(super) const fn keys(name: &'static str) -> Self {
        Self::known(Cow::Borrowed(name), Written::Keys, false)
    }

    /// Roles of a project that the claim does not name: whose they are, only the audience of the token can show.
    pub(super) const fn unaddressed_keys(name: &'static str) -> Self {
        Self {
            name: Cow::Borrowed(name),
            form: Written::Keys,
            is_alternative: false,
            is_unaddressed: true,
            is_expected: false,
        }
    }

    const fn known(name: Cow<'static, str>, form: Written, is_alternative: bool) -> Self {
        Self { name, form, is_alternative, is_unaddressed: false, is_expected: false }
    }

    pub(super) fn named_by_operator(name: String) -> Self {
        Self { is_expected: true, ..Self::known(name.into(), Written::Texts, false) }
    }

    pub(super) fn of_keys(self) -> Self {
        Self { form: Written::Keys, ..self }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Returns `true` if every token should have it, because an operator named it.
    #[cfg(feature = "jwt")]
    pub(super) fn is_expected(&self) -> bool {
        self.is_expected
    }

    fn values<'a>(&self, claims: &'a Map<String, Value>, reading: &Reading<'_>) -> Vec<&'a Value> {
        if self.is_unaddressed && !reading.is_for_us_alone(claims) {
            return Vec::new();
        }
        if self.name.contains(AUDIENCE) {
            reading.audiences.iter().filter_map(|audience| claims.get(&self.name.replace(AUDIENCE, audience))).collect()
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
            (Written::Texts, Value::String(text)) => text.split(' ').filter(|scope| !scope.is_empty()).for_each(add),
            (Written::Texts, Value::Array(items)) => {
                for item in items {
                    add(item.as_str().ok_or_else(|| wrong_type(&self.name, item))?);
                }
            }
            (Written::Keys, Value::Object(members)) => members.keys().for_each(|scope| add(scope)),
            // Some versions write an object for each role.
            (Written::Keys, Value::Array(items)) => {
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

/// The names that the claims of a token are compared with.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) resource: &'a str,
    /// Other names of the resource, such as the id of a project.
    pub(super) audiences: &'a [String],
    /// The client of the token.
    pub(super) client: Option<&'a str>,
}

impl Reading<'_> {
    /// Set if a token is for this server and its own client, and for nobody else.
    ///
    /// ZITADEL writes the project of the client into `aud`, together with all that the client asks for, so a token of a
    /// client of another project names that project. Older clients are called `NUMBER@NAME`, which no project is. Where an
    /// operator names no project, that number may stand beside the resource.
    fn is_for_us_alone(&self, claims: &Map<String, Value>) -> bool {
        let older = self.client.and_then(|client| Some((client, client.split_once('@')?.0)));
        let is_ours = |name: &String| {
            Resource::is_named(self.resource, name)
                || self.audiences.contains(name)
                || older.is_some_and(|(client, number)| name == client || self.audiences.is_empty() && name == number)
        };
        read_texts(claims, "aud").is_ok_and(|names| names.is_some_and(|names| names.iter().all(is_ours)))
    }
}

/// The scopes of a token, and the claims without which it came though an operator named them.
pub(super) fn read_scopes<'p>(
    sources: &'p [ScopeClaim],
    claims: &Map<String, Value>,
    reading: &Reading<'_>,
) -> Result<(Vec<String>, Vec<&'p str>), TokenError> {
    let mut scopes = Vec::new();
    let mut missing = Vec::new();
    let mut is_found = false;
    for source in sources {
        if source.is_alternative && is_found {
            continue;
        }
        let values = source.values(claims, reading);
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

    fn reading(audiences: &[String]) -> Reading<'_> {
        Reading { resource: "https://a", audiences, client: Some("1@app") }
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
            let (scopes, _) = read_scopes(&sources, &claims, &reading(audiences)).unwrap();
            assert_eq!(!scopes.is_empty(), expected, "{aud}");
        }
        let newer = Reading { client: Some("8"), ..reading(&project) };
        let claims = object(json!({"aud": ["7", "8"]}));
        assert!(!newer.is_for_us_alone(&claims), "a number alone may be that of a project");
        assert!(!newer.is_for_us_alone(&Map::new()));
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
            let read = read_scopes(&sources, &claims, &reading(&[]));
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
        let (scopes, missing) = read_scopes(&all, &claims, &reading(&audiences)).unwrap();
        assert_eq!(scopes, ["b", "a", "c", "d", "e", "f"]);
        assert_eq!(missing, ["groups"]);
        let both = object(json!({"scope": "", "scp": "a"}));
        assert_eq!(read_scopes(&all, &both, &reading(&[])).unwrap().0, [""; 0]);
    }
}
