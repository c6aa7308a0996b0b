//! Writing of JSON strings.

use std::fmt::Write as _;

/// Appends `text` as a JSON string (RFC 8259 §7).
pub(crate) fn push_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Returns `text` as a JSON string.
#[must_use]
pub fn json_string(text: &str) -> String {
    let mut out = String::new();
    push_string(&mut out, text);
    out
}

/// Appends a JSON array of strings.
pub(crate) fn push_strings(out: &mut String, texts: &[impl AsRef<str>]) {
    out.push('[');
    for (index, text) in texts.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        push_string(out, text.as_ref());
    }
    out.push(']');
}

#[cfg(test)]
mod tests {
    #[test]
    fn escapes_what_json_requires() {
        let mut out = String::new();
        super::push_string(&mut out, "a\"b\\c\n\r\t\u{1}\u{e9}");
        assert_eq!(out, "\"a\\\"b\\\\c\\n\\r\\t\\u0001\u{e9}\"");
    }
}
