//! Records that all instances read and change: sealed, under secret names, with a lifetime.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::codec::{decode, encode};
use super::connection::Connection;
use super::{Expected, Put, Unavailable};

/// The first byte of the content of a record.
const FORMAT: u8 = 1;

/// Limits the time of a change. The response is a 503 then, because it becomes a stream after a second by default.
const CHANGE_TIMEOUT: Duration = Duration::from_millis(900);

/// The time for which a record outlives the time that its content names, because the clocks of instances differ.
pub(crate) const CLOCK_DIFFERENCE: Duration = Duration::from_secs(60);

/// The attempts at a single use. The second one finds the first, which may have been reported as failed.
const ATTEMPTS: usize = 2;

/// The name of a record: a kind, and a key within the kind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RecordName<'a> {
    pub(crate) kind: &'static str,
    pub(crate) key: &'a [u8],
}

/// The records of a server in the engine.
///
/// A record is sealed for its name, so that the engine can neither read nor swap contents. The first byte of an
/// envelope, and of the content in it, is its format. A record of a newer format is [`Unavailable`], and so is one of
/// unknown keys.
#[derive(Debug)]
pub(crate) struct Records(Arc<Connection>);

/// A record that was found.
struct FoundRecord {
    /// The index of its name. While a key is replaced, a record has the name by the old key or by the new one.
    index: usize,
    version: u64,
    content: Vec<u8>,
}

impl Records {
    pub(super) fn new(connection: Arc<Connection>) -> Self {
        Self(connection)
    }

    /// Returns the content of a record, if there is one.
    ///
    /// # Errors
    /// The engine is unavailable, or does not respond within `timeout`.
    pub(crate) async fn read<T: DeserializeOwned>(
        &self,
        name: RecordName<'_>,
        timeout: Duration,
    ) -> Result<Option<T>, Unavailable> {
        let found = self.find(&self.0.envelopes.record_names(name.kind, name.key), Instant::now() + timeout).await?;
        found.map(|found| content_of(&found.content)).transpose()
    }

    /// Changes a record by compare-and-set. Returns `true` if it was stored.
    ///
    /// `change` returns the next content, or `None` to leave the record alone. It is called again with the present
    /// content if another instance came between. The lifetime begins anew with each change.
    ///
    /// # Errors
    /// The engine is unavailable. It is then unknown if the record changed.
    pub(crate) async fn update<T: Serialize + DeserializeOwned>(
        &self,
        name: RecordName<'_>,
        lifetime: Duration,
        mut change: impl FnMut(Option<T>) -> Option<T>,
    ) -> Result<bool, Unavailable> {
        self.replace(name, lifetime, |found| Ok(change(found.map(content_of).transpose()?).map(|next| bytes_of(&next))))
            .await
    }

    /// Changes the bytes of a record by compare-and-set. Returns `true` if they were stored.
    async fn replace(
        &self,
        name: RecordName<'_>,
        lifetime: Duration,
        mut change: impl FnMut(Option<&[u8]>) -> Result<Option<Vec<u8>>, Unavailable>,
    ) -> Result<bool, Unavailable> {
        let (connection, deadline) = (&self.0, Instant::now() + CHANGE_TIMEOUT);
        let names = connection.envelopes.record_names(name.kind, name.key);
        loop {
            let found = self.find(&names, deadline).await?;
            let Some(content) = change(found.as_ref().map(|found| &*found.content))? else { return Ok(false) };
            let (index, expected) =
                found.map_or((0, Expected::Absent), |found| (found.index, Expected::Version(found.version)));
            let Some(name) = names.get(index) else { return Err(Unavailable) };
            let sealed = connection.envelopes.seal(&purpose(name), content);
            let put = connection.engine().put(name, &sealed, lifetime, expected);
            if let Put::Stored(_) = connection.within(deadline, put).await? {
                return Ok(true);
            }
        }
    }

    /// Uses a name once over all instances. Returns `true` for the first use in `lifetime`.
    ///
    /// The use is a record without a content, so that any record of the name is an earlier use.
    ///
    /// # Errors
    /// The engine is unavailable. It is then unknown if the name was used, also by this call.
    pub(super) async fn use_once(&self, name: RecordName<'_>, lifetime: Duration) -> Result<bool, Unavailable> {
        let (lifetime, deadline) = (lifetime.saturating_add(CLOCK_DIFFERENCE), Instant::now() + CHANGE_TIMEOUT);
        let mut names = self.0.envelopes.record_names(name.kind, name.key);
        // While a key is replaced, instances have the keys in different orders. They meet at the same name first.
        names.sort_unstable();
        for name in &names {
            if !self.put_first(name, lifetime, deadline).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Stores a record without a content, unless there is one. Returns `true` if it was stored.
    async fn put_first(&self, name: &str, lifetime: Duration, deadline: Instant) -> Result<bool, Unavailable> {
        // No two envelopes are equal, so that one that is found is that of an earlier attempt.
        let sealed = self.0.envelopes.seal(&purpose(name), vec![FORMAT]);
        for _ in 0..ATTEMPTS {
            match self.0.within(deadline, self.0.engine().put(name, &sealed, lifetime, Expected::Absent)).await {
                Ok(Put::Stored(_)) => return Ok(true),
                Ok(Put::Found(found)) => return Ok(found.is_some_and(|found| found.value == sealed)),
                Err(Unavailable) => {}
            }
        }
        Err(Unavailable)
    }

    /// Removes a record, as far as the engine is available. Otherwise, the record goes at the end of its lifetime.
    pub(crate) async fn remove(&self, name: RecordName<'_>) {
        // The trait has no removal, because a lifetime is enough.
        let _ = self.replace(name, Duration::ZERO, |found| Ok(found.map(|_| Vec::new()))).await;
    }

    async fn find(&self, names: &[String], deadline: Instant) -> Result<Option<FoundRecord>, Unavailable> {
        for (index, name) in names.iter().enumerate() {
            if let Some(record) = self.0.within(deadline, self.0.engine().get(name)).await? {
                let (_, content) = self.0.envelopes.open(&purpose(name), &record.value).ok_or(Unavailable)?;
                return Ok(Some(FoundRecord { index, version: record.version, content }));
            }
        }
        Ok(None)
    }
}

/// Writes the content of a record.
fn bytes_of(content: &impl Serialize) -> Vec<u8> {
    [vec![FORMAT], encode(content)].concat()
}

/// Reads what [`bytes_of`] wrote.
fn content_of<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Unavailable> {
    bytes.strip_prefix(&[FORMAT]).and_then(decode).ok_or(Unavailable)
}

/// Returns the purpose of the envelope in a record.
fn purpose(name: &str) -> String {
    format!("the record {name}")
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Content {
        revision: u64,
        #[serde(default)]
        uris: Vec<String>,
    }

    #[test]
    fn a_record_of_another_format_is_unavailable_and_unknown_members_are_ignored() {
        let content = Content { revision: 3, uris: vec!["a".to_owned()] };
        let bytes = bytes_of(&content);
        assert_eq!(content_of(&bytes), Ok(content));
        let newer = [&[FORMAT + 1], &bytes[1..]].concat();
        assert_eq!(content_of::<Content>(&newer), Err(Unavailable));
        let more = [&[FORMAT][..], br#"{"revision":4,"reason":"new"}"#].concat();
        assert_eq!(content_of(&more), Ok(Content { revision: 4, uris: Vec::new() }));
    }
}
