//! A bounded cache by the digest of a token.

use std::collections::HashMap;
use std::sync::Mutex;

use super::TokenDigest;
use crate::lock::locked;

/// The limits of a cache.
#[derive(Debug, Clone, Copy)]
pub(super) struct CacheLimits {
    /// The number of entries. The cache stores nothing with a limit of zero.
    pub(super) entries: usize,
    /// The size of all entries, in bytes.
    pub(super) bytes: usize,
}

impl Default for CacheLimits {
    fn default() -> Self {
        Self { entries: 10_000, bytes: 32 * 1024 * 1024 }
    }
}

/// A bounded cache by the digest of a token.
///
/// Its keys are no tokens, so that a copy of the memory has none of callers. It never has more entries or bytes than its
/// limits, or one entry more if that number is odd. Entries are in two generations of half of that. When the recent one is
/// full, the older one is evicted, and an entry that is read moves back into the recent one. That approximates the eviction
/// of the least recently used, in constant time. The reader decides how long an entry is valid.
pub(super) struct TokenCache<V> {
    /// Boxed, so that a verifier is small enough for an `enum` of several.
    generations: Mutex<Box<Generations<V>>>,
    /// The limits of each generation.
    limits: CacheLimits,
}

struct Generations<V> {
    recent: Generation<V>,
    older: HashMap<TokenDigest, Entry<V>>,
}

struct Generation<V> {
    entries: HashMap<TokenDigest, Entry<V>>,
    /// The size of the entries.
    bytes: usize,
}

struct Entry<V> {
    value: V,
    bytes: usize,
}

impl<V> Default for Generation<V> {
    fn default() -> Self {
        Self { entries: HashMap::new(), bytes: 0 }
    }
}

impl<V: Clone> TokenCache<V> {
    /// The size of an entry without what its value refers to. A hash table has about as much free room.
    const ENTRY_BYTES: usize = 2 * size_of::<(TokenDigest, Entry<V>)>();

    pub(super) fn new(limits: CacheLimits) -> Self {
        let generations = Generations { recent: Generation::default(), older: HashMap::new() };
        let limits = CacheLimits { entries: limits.entries.div_ceil(2), bytes: limits.bytes / 2 };
        Self { generations: Mutex::new(Box::new(generations)), limits }
    }

    pub(super) fn get(&self, token: &TokenDigest) -> Option<V> {
        let mut generations = self.lock();
        if let Some(entry) = generations.recent.entries.get(token) {
            return Some(entry.value.clone());
        }
        let entry = generations.older.remove(token)?;
        let value = entry.value.clone();
        self.keep(&mut generations, *token, entry);
        Some(value)
    }

    /// Inserts a value that refers to so many bytes.
    ///
    /// One that is larger than a generation is not stored, and replaces its predecessor all the same.
    pub(super) fn insert(&self, token: TokenDigest, value: V, bytes: usize) {
        let bytes = bytes.saturating_add(Self::ENTRY_BYTES);
        if self.limits.entries == 0 {
            return;
        }
        let mut generations = self.lock();
        generations.remove(&token);
        if bytes <= self.limits.bytes {
            self.keep(&mut generations, token, Entry { value, bytes });
        }
    }

    pub(super) fn remove(&self, token: &TokenDigest) {
        self.lock().remove(token);
    }

    /// Stores an entry that is in no generation.
    fn keep(&self, generations: &mut Generations<V>, token: TokenDigest, entry: Entry<V>) {
        let recent = &mut generations.recent;
        if recent.entries.len() >= self.limits.entries || recent.bytes + entry.bytes > self.limits.bytes {
            generations.older = std::mem::take(recent).entries;
        }
        recent.bytes += entry.bytes;
        recent.entries.insert(token, entry);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Box<Generations<V>>> {
        // No change of the generations can panic half-way.
        locked(&self.generations)
    }
}

impl<V> Generations<V> {
    fn remove(&mut self, token: &TokenDigest) {
        if let Some(entry) = self.recent.entries.remove(token) {
            self.recent.bytes -= entry.bytes;
        }
        self.older.remove(token);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(number: u32) -> TokenDigest {
        TokenDigest::of(&number.to_string())
    }

    fn cache(entries: usize) -> TokenCache<u32> {
        TokenCache::new(CacheLimits { entries, ..CacheLimits::default() })
    }

    /// The number of entries, and their bytes.
    fn size(cache: &TokenCache<u32>) -> (usize, usize) {
        let generations = cache.lock();
        let entries = || generations.recent.entries.values().chain(generations.older.values());
        assert_eq!(
            generations.recent.bytes,
            generations.recent.entries.values().map(|entry| entry.bytes).sum::<usize>()
        );
        (entries().count(), entries().map(|entry| entry.bytes).sum())
    }

    #[test]
    fn holds_no_more_than_its_limits_and_keeps_what_is_used() {
        const ENTRY: usize = TokenCache::<u32>::ENTRY_BYTES + 100;
        let many = TokenCache::new(CacheLimits { entries: 1000, bytes: 10 * ENTRY });
        for cache in [cache(10), many] {
            for number in 0..1000 {
                cache.insert(digest(number), number, 100);
                let (entries, bytes) = size(&cache);
                assert!(entries <= 10 && bytes <= 10 * ENTRY, "{number}");
                assert_eq!(cache.get(&digest(0)), Some(0), "{number}");
            }
            assert_eq!(cache.get(&digest(999)), Some(999));
            assert_eq!(cache.get(&digest(1)), None);
        }
    }

    #[test]
    fn knows_the_newest_value_only() {
        let cache = cache(4);
        (0..3).for_each(|number| cache.insert(digest(number), number, 0));
        cache.insert(digest(0), 7, 0);
        assert_eq!(cache.get(&digest(0)), Some(7));
        cache.insert(digest(0), 8, usize::MAX);
        assert_eq!(cache.get(&digest(0)), None, "what is too large replaces it, too");
        cache.insert(digest(0), 9, 0);
        cache.remove(&digest(0));
        assert_eq!(cache.get(&digest(0)), None);
        assert_eq!(size(&cache).0, 2);
    }

    #[test]
    fn a_limit_of_zero_keeps_nothing() {
        for limits in [CacheLimits { entries: 0, bytes: 1000 }, CacheLimits { entries: 10, bytes: 0 }] {
            let cache = TokenCache::new(limits);
            cache.insert(digest(1), 1, 0);
            assert_eq!(cache.get(&digest(1)), None);
        }
    }
}
