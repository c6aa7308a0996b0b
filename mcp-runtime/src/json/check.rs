//! The check of a JSON text before it is parsed.

use super::bytes::count;
use super::private_names::{begins_name, has_private_name};

/// The reason why a JSON text must not be parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextProblem {
    /// Objects and arrays are nested too deep.
    TooDeep,
    /// A text in it begins like a name that is private to the parser.
    PrivateName,
}

/// Checks the nesting and the names of a JSON text.
///
/// The parser alone would let any depth pass in a value that it skips, because skipping is not recursive.
pub(crate) fn check(json: &[u8], max_depth: usize) -> Result<(), TextProblem> {
    // Nearly always, the numbers of these bytes show that nothing is wrong, and one pass finds both.
    let [brackets, beginnings] = count(json, |byte| [is_bracket(byte), begins_name(byte)]);
    if brackets > max_depth && is_deeper_than(max_depth, json) {
        return Err(TextProblem::TooDeep);
    }
    if beginnings > 0 && has_private_name(json) {
        return Err(TextProblem::PrivateName);
    }
    Ok(())
}

/// Returns `true` for `[` and `{`, which differ in one bit only.
fn is_bracket(byte: u8) -> bool {
    byte | 0x20 == b'{'
}

/// Returns `true` if objects and arrays are nested deeper than this.
fn is_deeper_than(max_depth: usize, json: &[u8]) -> bool {
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
