//! URIs with their escapes decoded.

use crate::resource_uri::is_uri_byte;

/// A URI whose escapes are decoded until none is left.
///
/// Each character records whether it was escaped, because an escaped separator is ambiguous. A handler that decodes values
/// takes it for a part of the value; one that decodes the whole URI takes it for a separator.
/// [`UriPattern`](crate::uri_pattern::UriPattern) tries both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DecodedUri(Vec<Character>);

/// A byte of a decoded URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Character {
    pub(crate) byte: u8,
    pub(crate) was_escaped: bool,
}

impl DecodedUri {
    /// Decodes a URI in normal form, including escapes of escapes.
    ///
    /// A `%` that starts no escape stays. An escaped backslash becomes a `/`, because file systems treat it as one.
    pub(crate) fn new(uri: &str) -> Self {
        let mut characters: Vec<Character> = Vec::with_capacity(uri.len());
        for byte in uri.bytes() {
            characters.push(Character { byte, was_escaped: false });
            // A decoded character may complete another escape.
            while let Some(byte) = last_escape(&characters) {
                characters.truncate(characters.len() - 3);
                characters.push(Character { byte: if byte == b'\\' { b'/' } else { byte }, was_escaped: true });
            }
        }
        Self(characters)
    }

    pub(crate) fn octets(&self) -> impl Iterator<Item = u8> {
        self.0.iter().map(|character| character.byte)
    }

    pub(crate) fn into_characters(self) -> Vec<Character> {
        self.0
    }

    /// Folds differences that many handlers ignore.
    ///
    /// These are the case of ASCII letters, empty segments, and a `/` at the end of the path.
    pub(crate) fn folded(self) -> Vec<Character> {
        let mut folded = self.folded_piece();
        if folded.last().is_some_and(|last| last.byte == b'/') {
            folded.pop();
        }
        folded
    }

    /// Folds a piece of a URI that is not the last one.
    pub(crate) fn folded_piece(self) -> Vec<Character> {
        let mut folded: Vec<Character> = Vec::with_capacity(self.0.len());
        for Character { byte, was_escaped } in self.0 {
            match folded.last_mut() {
                Some(last) if last.byte == b'/' && byte == b'/' => last.was_escaped &= was_escaped,
                Some(last) if last.byte == b'/' && matches!(byte, b'?' | b'#') => {
                    *last = Character { byte, was_escaped };
                }
                _ => folded.push(Character { byte: byte.to_ascii_lowercase(), was_escaped }),
            }
        }
        folded
    }
}

/// Returns `true` if decoding a URI in normal form changes its meaning.
///
/// Escapes of characters that no URI can have, such as those of Unicode, are in every spelling and do not count.
pub(crate) fn is_ambiguous(uri: &str) -> bool {
    uri.match_indices('%').any(|(index, _)| {
        let octet = uri.get(index + 1..index + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        octet.is_some_and(|octet| is_uri_byte(octet) || matches!(octet, b'%' | b'\\'))
    })
}

/// Returns the byte of the escape at the end, if any.
fn last_escape(characters: &[Character]) -> Option<u8> {
    let [.., percent, high, low] = characters else { return None };
    if percent.byte != b'%' {
        return None;
    }
    let digit = |character: &Character| char::from(character.byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the characters, with `^` in front of those that were escaped.
    fn text(characters: &[Character]) -> String {
        let text = |character: &Character| {
            format!("{}{}", if character.was_escaped { "^" } else { "" }, char::from(character.byte))
        };
        characters.iter().map(text).collect()
    }

    #[test]
    fn escapes_are_decoded_to_the_end() {
        for (uri, expected) in [
            ("a:b", "a:b"),
            ("a:%2Fb", "a:^/b"),
            ("a:%252Fb", "a:^/b"),
            ("a:%25252Fb", "a:^/b"),
            ("a:%2570", "a:^p"),
            ("a:%25%32%35%32%46", "a:^/"),
            ("a:%25%2570", "a:^%^p"),
            ("a:%25%25370", "a:^p"),
            ("a:%25zz", "a:^%zz"),
            ("a:%5C", "a:^/"),
        ] {
            assert_eq!(text(&DecodedUri::new(uri).0), expected, "{uri}");
        }
    }

    #[test]
    fn empty_segments_case_and_the_last_slash_are_folded() {
        for (uri, expected) in [
            ("Notes://A//b/", "notes:/a/b"),
            ("a:b/%2Fc", "a:b/c"),
            ("a:b%2F%2Fc%2F", "a:b^/c"),
            ("a:b/?c/#d/", "a:b?c#d"),
            ("a:/", "a:"),
        ] {
            assert_eq!(text(&DecodedUri::new(uri).folded()), expected, "{uri}");
        }
    }
}
