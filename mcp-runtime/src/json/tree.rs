//! JSON as a tree that borrows from its text, and keeps numbers and the order of members as they were written.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::json::check::check;

/// Limits the levels of a value, with those of the texts in it that are read as JSON.
pub(crate) const MAX_DEPTH: usize = 128;

/// One value with its place in the text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Json<'a> {
    /// The range of bytes in the text: its start and its exclusive end.
    pub(crate) span: (usize, usize),
    pub(crate) node: Node<'a>,
}

/// The content of a value. Texts keep their quotation marks and escapes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node<'a> {
    Scalar(Cow<'a, str>),
    Array(Vec<Json<'a>>),
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

impl<'a> Json<'a> {
    /// Reads JSON that a parser has validated.
    ///
    /// Returns `None` if the value nests too deep, or if the name of a member is not Unicode (`"\ud800"`): it could not be
    /// written again.
    pub(crate) fn of(raw: &'a RawValue) -> Option<Self> {
        Reader { text: raw.get(), at: 0, levels_left: MAX_DEPTH }.value()
    }

    /// Reads the JSON in a text, which no parser has validated. It may nest to `max_depth`.
    pub(crate) fn parse(text: &str, max_depth: usize) -> Option<Json<'static>> {
        // The check of the whole message does not decode texts.
        check(text.as_bytes(), max_depth).ok()?;
        let raw: &RawValue = serde_json::from_str(text).ok()?;
        Json::of(raw).map(Json::into_owned)
    }

    /// Returns the number of values in the value, itself included. Each 64 bytes of a text count as one more.
    pub(crate) fn weight(&self) -> usize {
        self.own_weight()
            + match &self.node {
                Node::Scalar(_) => 0,
                Node::Array(items) => items.iter().map(Json::weight).sum(),
                Node::Object(members) => {
                    members.iter().map(|(name, value)| name.len() / 64 + value.weight()).sum::<usize>()
                }
            }
    }

    /// Returns the weight of the value without its parts.
    pub(crate) fn own_weight(&self) -> usize {
        match &self.node {
            Node::Scalar(text) => 1 + text.len() / 64,
            _ => 1,
        }
    }

    /// Returns the number of members of an object.
    pub(crate) fn members(&self) -> usize {
        match &self.node {
            Node::Object(members) => members.len(),
            _ => 0,
        }
    }

    pub(crate) fn scalar(text: impl Into<Cow<'a, str>>) -> Self {
        Self { span: (0, 0), node: Node::Scalar(text.into()) }
    }

    fn into_owned(self) -> Json<'static> {
        let node = match self.node {
            Node::Scalar(text) => Node::Scalar(text.into_owned().into()),
            Node::Array(items) => Node::Array(items.into_iter().map(Json::into_owned).collect()),
            Node::Object(members) => Node::Object(
                members.into_iter().map(|(name, value)| (name.into_owned().into(), value.into_owned())).collect(),
            ),
        };
        Json { span: self.span, node }
    }

    /// Returns the decoded text of a string.
    pub(crate) fn as_text(&self) -> Option<Cow<'_, str>> {
        match &self.node {
            Node::Scalar(text) => text_of(text),
            _ => None,
        }
    }

    /// Appends the value as JSON, without spaces.
    pub(crate) fn write(&self, out: &mut String) {
        match &self.node {
            Node::Scalar(text) => out.push_str(text),
            Node::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Node::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    out.push_str(&mcp_core::json_string(name));
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

/// The reader of a text of validated JSON.
fn text_of(json: &str) -> Option<Cow<'_, str>> {
    let inner = json.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') { serde_json::from_str(json).ok().map(Cow::Owned) } else { Some(inner.into()) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    levels_left: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self) -> Option<Json<'a>> {
        self.skip_spaces();
        let start = self.at;
        let node = match self.peek() {
            Some(b'[') => Node::Array(self.members(Self::value)?),
            Some(b'{') => Node::Object(self.members(|this| {
                let start = this.at;
                this.skip_scalar();
                let name = text_of(&this.text[start..this.at])?;
                this.skip_spaces();
                // The colon.
                this.at += 1;
                Some((name, this.value()?))
            })?),
            _ => {
                self.skip_scalar();
                Node::Scalar(self.text[start..self.at].into())
            }
        };
        Some(Json { span: (start, self.at), node })
    }

    /// Reads the parts between two brackets.
    fn members<T>(&mut self, mut member: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut members = Vec::new();
        self.levels_left = self.levels_left.checked_sub(1)?;
        self.at += 1;
        loop {
            self.skip_spaces();
            match self.peek() {
                Some(b']' | b'}') => {
                    self.at += 1;
                    self.levels_left += 1;
                    return Some(members);
                }
                Some(b',') => self.at += 1,
                Some(_) => members.push(member(self)?),
                None => return Some(members),
            }
        }
    }

    /// Skips a text, a number, or a word.
    fn skip_scalar(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        let length = match rest.first() {
            Some(b'"') => {
                let mut escaped = false;
                let end = rest.iter().skip(1).position(|byte| {
                    let ends = *byte == b'"' && !escaped;
                    escaped = *byte == b'\\' && !escaped;
                    ends
                });
                end.map(|end| end + 2)
            }
            _ => rest.iter().position(|byte| matches!(byte, b',' | b']' | b'}' | b':' | b' ' | b'\t' | b'\n' | b'\r')),
        };
        self.at += length.unwrap_or(rest.len());
    }

    fn skip_spaces(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let raw: Box<RawValue> = serde_json::from_str(text).expect("JSON");
        let mut out = String::new();
        Json::of(&raw).expect("names that are texts").write(&mut out);
        out
    }

    #[test]
    fn a_value_is_written_as_it_was_read() {
        for (text, expected) in [
            (
                r#" { "a" : [ 1.50 , -0, 1e3,{ } ,[ ]], "b":"\"\\" , "b" : null } "#,
                r#"{"a":[1.50,-0,1e3,{},[]],"b":"\"\\","b":null}"#,
            ),
            (r#""\u00e9,]}""#, r#""\u00e9,]}""#),
            (r#"{"\u0061 \n":true}"#, r#"{"a \n":true}"#),
            ("18446744073709551616", "18446744073709551616"),
        ] {
            assert_eq!(written(text), expected);
        }
    }

    #[test]
    fn a_text_inside_of_a_text_is_no_way_around_the_parser() {
        assert!(Json::parse(r#"{"a":[1]}"#, 2).is_some());
        for text in ["", "{", "[1] 2", r#"{"$serde_json::private::RawValue":"1"}"#, &"[".repeat(10_000)] {
            assert_eq!(Json::parse(text, MAX_DEPTH), None);
        }
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(Json::parse(&nested(200), MAX_DEPTH), None);
        assert_eq!(Json::parse(&nested(11), 10), None);
        assert!(Json::parse(&nested(10), 10).is_some());
    }

    #[test]
    fn a_name_that_is_no_text_is_not_written_as_another_one() {
        for text in [r#"{"\ud800":1}"#, r#"[{"a":{"\udc00x":1}}]"#] {
            let raw: Box<RawValue> = serde_json::from_str(text).expect("JSON");
            assert_eq!(Json::of(&raw), None);
            assert_eq!(Json::parse(text, MAX_DEPTH), None);
        }
    }
}
