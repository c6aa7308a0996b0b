//! A token before it is signed, as the texts that mutations change.

use mcp::testing::TestKey;

/// A JSON object as a list of members, which may be ambiguous or no JSON at all.
#[derive(Default)]
pub(crate) struct Object {
    /// The members in their order. Names and values are JSON text.
    pub(crate) members: Vec<(String, String)>,
    /// The texts in front, between the members, and behind.
    pub(crate) around: [&'static str; 3],
    /// Bytes to write instead of the object.
    pub(crate) replacement: Option<Vec<u8>>,
}

impl Object {
    pub(crate) fn new(members: &[(&str, String)]) -> Self {
        let members = members.iter().map(|(name, value)| (format!("\"{name}\""), value.clone())).collect();
        Self { members, ..Self::default() }
    }

    /// Sets a member, or removes it.
    pub(crate) fn set(&mut self, name: &str, value: Option<&str>) {
        let name = format!("\"{name}\"");
        self.members.retain(|(known, _)| *known != name);
        self.members.extend(value.map(|value| (name, value.to_owned())));
    }

    pub(crate) fn text(&self) -> String {
        let members: Vec<String> = self.members.iter().map(|(name, value)| format!("{name}:{value}")).collect();
        let [before, between, behind] = self.around;
        format!("{before}{{{}}}{behind}", members.join(&format!(",{between}")))
    }

    fn bytes(self) -> Vec<u8> {
        let text = self.text().into_bytes();
        self.replacement.unwrap_or(text)
    }
}

/// A change of the finished token.
pub(crate) type Edit = Box<dyn FnOnce(String) -> String>;

/// A token that is not signed yet.
pub(crate) struct Draft {
    pub(crate) header: Object,
    pub(crate) claims: Object,
    pub(crate) key: TestKey,
    /// The changes after the signature, in their order.
    pub(crate) edits: Vec<Edit>,
}

impl Draft {
    /// Signs the token and applies the edits.
    pub(crate) fn finish(self) -> String {
        let token = self.key.jws(self.header.bytes(), self.claims.bytes());
        self.edits.into_iter().fold(token, |token, edit| edit(token))
    }
}
