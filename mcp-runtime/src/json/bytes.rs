//! Checks of the bytes of a JSON text before it is parsed.

use bytes::Bytes;

/// Returns a text without the byte order mark that some programs write in front of it.
///
/// JSON has none, and a reader may ignore it (RFC 8259 §8.1).
pub(crate) fn unmarked(text: Bytes) -> Bytes {
    const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
    if text.starts_with(BYTE_ORDER_MARK) { text.slice(BYTE_ORDER_MARK.len()..) } else { text }
}

/// Returns `true` if objects and arrays are nested deeper than this.
///
/// The parser alone would let any depth pass in a value that it skips, because skipping is not recursive.
pub(crate) fn is_deeper_than(max_depth: usize, json: &[u8]) -> bool {
    // A text with few brackets need not be looked at byte by byte.
    if brackets(json) <= max_depth {
        return false;
    }
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut bytes = json.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => in_string = !in_string,
            b'\\' if in_string => {
                bytes.next();
            }
            b'{' | b'[' if !in_string => {
                depth += 1;
                if depth > max_depth {
                    return true;
                }
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// Counts the bytes `[` and `{`, which differ in one bit only.
fn brackets(json: &[u8]) -> usize {
    count(json, |byte| byte | 0x20 == b'{')
}

/// Counts the bytes for which `is` holds; `is(0)` must be false.
///
/// The compiler counts many bytes of a piece at once, into one byte that holds the count. Byte by byte, a long message
/// would cost twice the instructions. The last piece is filled up with zeros.
pub(crate) fn count(bytes: &[u8], is: impl Fn(u8) -> bool) -> usize {
    debug_assert!(!is(0), "what is filled up would count");
    let (pieces, rest) = bytes.as_chunks::<64>();
    let mut last = [0; 64];
    last[..rest.len()].copy_from_slice(rest);
    let in_piece = |piece: &[u8; 64]| usize::from(piece.iter().map(|byte| u8::from(is(*byte))).sum::<u8>());
    pieces.iter().chain((!rest.is_empty()).then_some(&last)).map(in_piece).sum()
}
