//! A bounded cache by the digest of a token.

use std::collections::HashMap;
use std::sync::Mutex;

use super::TokenDigest;
use crate::lock::locked;

/// A bounded cache by the digest of a token.
///
/// It has no tokens, so that a copy of the memory has none. It never has more entries than its capacity, or one more if that is odd. Entries are in two generations of half of
/// that. When the recent one is full, the older one is evicted, and an entry that is read moves back into the recent one.
/// That approximates the eviction of the least recently used, in constant time. The reader decides how long an entry is
/// valid.
pub(super) struct TokenCache<V> {
    generations: Mutex<Generations<V>>,
    /// The capacity of each generation.
    capacity: usize,
}

struct Generations<V> {
    recent: HashMap<TokenDigest, V>,
    older: HashMap<TokenDigest, V>,
}

impl<V: Clone> TokenCache<V> {
    /// Creates a cache, which stores nothing with a capacity of zero.
    pub(super) fn new(capacity: usize) -> Self {
        let generations = Generations { recent: HashMap::new(), older: HashMap::new() };
        Self { generations: Mutex::new(generations), capacity: capacity.div_ceil(2) }
    }

    pub(super) fn get(&self, token: &TokenDigest) -> Option<V> {
        let mut generations = self.lock();
        if let Some(value) = generations.recent.get(token) {
            return Some(value.clone());
        }
        let value = generations.older.remove(token)?;
        self.keep(&mut generations, *token, value.clone());
        Some(value)
    }

    pub(super) fn insert(&self, token: TokenDigest, value: V) {
        if self.capacity == 0 {
            return;
        }
        let mut generations = self.lock();
        generations.older.remove(&token);
        self.keep(&mut generations, token, value);
    }

    pub(super) fn remove(&self, token: &TokenDigest) {
        let mut generations = self.lock();
        generations.recent.remove(token);
        generations.older.remove(token);
    }

    fn keep(&self, generations: &mut Generations<V>, token: TokenDigest, value: V) {
        if generations.recent.len() >= self.capacity && !generations.recent.contains_key(&token) {
            generations.older = std::mem::take(&mut generations.recent);
        }
        generations.recent.insert(token, value);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Generations<V>> {
        // No change of the generations can panic half-way.
        locked(&self.generations)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(number: u32) -> TokenDigest {
        TokenDigest::of(&number.to_string())
    }

    fn len(cache: &TokenCache<u32>) -> usize {
        let generations = cache.lock();
        generations.recent.len() + generations.older.len()
    }

    #[test]
    fn holds_no_more_than_its_capacity_and_keeps_what_is_used() {
        let cache = TokenCache::new(10);
        for number in 0..1000 {
            cache.insert(digest(number), number);
            assert!(len(&cache) <= 10, "{number}");
            assert_eq!(cache.get(&digest(0)), Some(0), "{number}");
        }
        assert_eq!(cache.get(&digest(999)), Some(999));
        assert_eq!(cache.get(&digest(1)), None);
    }

    #[test]
    fn knows_the_newest_value_only() {
        let cache = TokenCache::new(4);
        (0..3).for_each(|number| cache.insert(digest(number), number));
        cache.insert(digest(0), 7);
        assert_eq!(cache.get(&digest(0)), Some(7));
        cache.remove(&digest(0));
        assert_eq!(cache.get(&digest(0)), None);
    }

    #[test]
    fn a_capacity_of_zero_keeps_nothing() {
        let cache = TokenCache::new(0);
        cache.insert(digest(1), 1);
        assert_eq!(cache.get(&digest(1)), None);
    }
}
