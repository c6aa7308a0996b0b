//! Suggestions for misspelled names.

/// Returns the candidate that `text` most likely misspells, if any is close.
#[must_use]
pub fn closest<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let text: Vec<char> = text.chars().collect();
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let characters: Vec<char> = candidate.chars().collect();
            let most = text.len().max(characters.len()) / 3;
            // Each character that only one of them has is an insertion.
            let is_near = text.len().abs_diff(characters.len()) <= most;
            let distance = is_near.then(|| distance(&text, &characters))?;
            (distance <= most).then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Counts the insertions, deletions, replacements and swaps of neighbours between two texts.
fn distance(a: &[char], b: &[char]) -> usize {
    // Three rows of the matrix suffice, because a swap looks two rows back.
    let mut before_last = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before_last[j - 2] + 1);
            }
            row.push(best);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_near_miss_and_nothing_else() {
        let keys = ["issuer", "resource", "scopes", "optional_scopes"];
        assert_eq!(closest("isuer", keys), Some("issuer"));
        assert_eq!(closest("scope", keys), Some("scopes"));
        assert_eq!(closest("resoruce", keys), Some("resource"));
        assert_eq!(closest("audience", keys), None);
        assert_eq!(closest("", keys), None);
        assert_eq!(closest("töxt", ["text", "töx"]), Some("text"));
        assert_eq!(closest("ab", ["ba"]), None);
        assert_eq!(closest("abc", ["bac"]), Some("bac"));
    }
}
