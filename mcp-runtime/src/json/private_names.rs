//! The names that untrusted JSON must not contain.
//!
//! `serde_json` hands raw texts and numbers over to itself as objects with one member, whose name begins with
//! [`PRIVATE`]. It takes such an object from a message, too, and replaces it by the value that its text holds. No limit on
//! nesting has seen that value, and texts in texts are enough to overflow the stack.

use super::bytes::{PIECE, count};

/// The prefix of the names with a meaning for `serde_json`.
pub(crate) const PRIVATE: &str = "$serde_json::private::";

/// Returns `true` for a byte with which such a name may begin.
pub(super) fn begins_name(byte: u8) -> bool {
    matches!(byte, b'$' | b'\\')
}

/// Returns `true` if a text in this JSON begins like such a name, with or without escapes.
pub(super) fn has_private_name(json: &[u8]) -> bool {
    // A long text has few pieces in which one may begin.
    json.chunks(PIECE).enumerate().any(|(number, piece)| {
        count(piece, |byte| [begins_name(byte)]) != [0]
            && (number * PIECE..).zip(piece).any(|(at, byte)| begins_name(*byte) && is_private_name(json, at))
    })
}

/// Returns `true` if a text with this prefix begins here.
fn is_private_name(json: &[u8], at: usize) -> bool {
    let (before, mut rest) = json.split_at(at);
    // A quotation mark after a backslash is part of a text and begins none.
    if before.last() != Some(&b'"') || before.ends_with(b"\\\"") {
        return false;
    }
    PRIVATE.bytes().all(|expected| {
        let (byte, after) = match rest {
            [b'\\', b'u', b'0', b'0', high, low, after @ ..] => (hexadecimal(*high, *low), after),
            [byte, after @ ..] => (Some(*byte), after),
            [] => return false,
        };
        rest = after;
        byte == Some(expected)
    })
}

fn hexadecimal(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_name_is_found_however_it_is_written() {
        let all = PRIVATE.bytes().map(|byte| format!("\\u00{byte:02X}")).collect::<String>();
        for name in [PRIVATE, "\\u0024serde_json::private::", "$serde_json\\u003a\\u003A\\u0070rivate::", &all] {
            for padding in [0, 30, 62, 63, 64, 65, 127, 500] {
                let json = format!(r#"{{"a":"{}","{name}RawValue":"1"}}"#, "x".repeat(padding));
                assert!(has_private_name(json.as_bytes()), "{json}");
            }
        }
    }

    #[test]
    fn a_text_about_it_is_only_a_text() {
        for json in [
            "",
            "\"",
            "\"$",
            r#"{"a":"$","b":"\\","$serde_json":"\u0024"}"#,
            r#"{"a":"see \"$serde_json::private::RawValue\""}"#,
            r#"{"a":" $serde_json::private::RawValue"}"#,
        ] {
            assert!(!has_private_name(json.as_bytes()), "{json}");
        }
    }
}
