//! Texts of clients, cut to a length that can be repeated.

/// Returns the first 128 characters, short enough to be sent back or logged.
pub(crate) fn truncated(text: &str) -> &str {
    text.char_indices().nth(128).map_or(text, |(end, _)| &text[..end])
}
