//! The bytes of a JSON text, before it is parsed.

use bytes::Bytes;

/// The number of bytes that are counted together. A count of them fits into a `u8`.
pub(super) const PIECE: usize = 192;

/// Returns a text without the byte order mark that some programs write in front of it.
///
/// JSON has none, and a reader may ignore it (RFC 8259 §8.1).
pub(crate) fn unmarked(text: Bytes) -> Bytes {
    const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
    if text.starts_with(BYTE_ORDER_MARK) { text.slice(BYTE_ORDER_MARK.len()..) } else { text }
}

/// Counts the bytes of each kind. `is` returns `true` for the kinds of a byte; zero must be of none.
///
/// The compiler counts many bytes of a piece at once. Byte by byte, a long message would cost twice the instructions. The
/// last piece is filled up with zeros.
pub(crate) fn count<const KINDS: usize>(bytes: &[u8], is: impl Fn(u8) -> [bool; KINDS]) -> [usize; KINDS] {
    debug_assert!(is(0) == [false; KINDS], "what is filled up would count");
    let (pieces, rest) = bytes.as_chunks::<PIECE>();
    let mut last = [0; PIECE];
    last[..rest.len()].copy_from_slice(rest);
    let mut totals = [0; KINDS];
    for piece in pieces.iter().chain((!rest.is_empty()).then_some(&last)) {
        let mut counts = [0_u8; KINDS];
        for byte in piece {
            for (count, is) in counts.iter_mut().zip(is(*byte)) {
                *count += u8::from(is);
            }
        }
        for (total, count) in totals.iter_mut().zip(counts) {
            *total += usize::from(count);
        }
    }
    totals
}
