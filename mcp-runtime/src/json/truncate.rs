//! Texts of clients, cut to a length that can be repeated.

/// The number of characters that are repeated.
const MAX_CHARS: usize = 128;

/// Returns the first 128 characters, short enough to be sent back or logged.
pub(crate) fn truncated(text: &str) -> &str {
    // No more characters than bytes.
    if text.len() <= MAX_CHARS {
        return text;
    }
    text.char_indices().nth(MAX_CHARS).map_or(text, |(end, _)| &text[..end])
}

/// Returns the first 100 bytes or fewer, for lines of the log that anybody can cause.
pub(crate) fn excerpt(text: &str) -> &str {
    &text[..text.floor_char_boundary(100)]
}
