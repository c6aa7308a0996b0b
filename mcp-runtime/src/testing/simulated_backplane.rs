//! An engine between instances in memory, with the faults that real ones have.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until};

use crate::backplane::{Backplane, BackplaneFuture, Expected, Put, Recipient, Record, Unavailable};
use crate::lock::locked;

/// The longest delay of a message, if the engine has faults.
const MAX_DELAY: Duration = Duration::from_millis(300);

/// The time after which an operation of an engine that is down fails.
const DOWN: Duration = Duration::from_millis(100);

/// An engine in memory, for tests of several instances in one process.
///
/// Each instance has a [connection](Self::connect). With [`with_faults`](Self::with_faults), the engine loses, doubles
/// and delays messages, and fails operations that happened. The faults depend on the seed alone.
///
/// ```
/// # struct Notes;
/// # #[mcp::server]
/// # impl Notes {
/// #     /// List every note.
/// #     #[mcp::tool]
/// #     fn list_notes(&self) -> Vec<String> { vec![] }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use mcp::Http;
/// use mcp::testing::SimulatedBackplane;
///
/// let engine = SimulatedBackplane::new();
/// let instances = [(); 2].map(|()| Http::open(Notes).replicas(engine.connect(), [[7; 32]]).router());
/// # drop(instances);
/// # }
/// ```
#[derive(Clone)]
pub struct SimulatedBackplane(Arc<Engine>);

/// A connection of one instance to a [`SimulatedBackplane`].
#[derive(Clone)]
pub struct SimulatedConnection {
    engine: Arc<Engine>,
    is_cut: Arc<AtomicBool>,
}

struct Engine {
    faults: Option<Faults>,
    is_down: AtomicBool,
    inboxes: Mutex<HashMap<String, Inbox>>,
    came: Notify,
    records: Mutex<HashMap<String, (Record, Instant)>>,
}

/// The messages to an instance, by the time at which they arrive.
#[derive(Default)]
struct Inbox {
    messages: BTreeMap<(Instant, u64), Vec<u8>>,
    count: u64,
}

/// Faults by a seed.
struct Faults {
    percent: u64,
    state: Mutex<u64>,
}

impl Faults {
    /// Returns a number below `limit` (SplitMix64).
    fn number(&self, limit: u64) -> u64 {
        let mut state = locked(&self.state);
        *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut number = *state;
        number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (number ^ (number >> 31)) % limit
    }

    fn occurs(&self) -> bool {
        self.number(100) < self.percent
    }
}

impl SimulatedBackplane {
    /// Creates an engine without faults.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "an engine is created on purpose")]
    pub fn new() -> Self {
        Self::of(None)
    }

    /// Creates an engine in which so many percent of the messages are lost, of the others doubled, and of the operations
    /// reported as failed. Each message has a delay of up to 300 ms.
    #[must_use]
    pub fn with_faults(seed: u64, percent: u8) -> Self {
        Self::of(Some(Faults { percent: percent.into(), state: Mutex::new(seed) }))
    }

    fn of(faults: Option<Faults>) -> Self {
        Self(Arc::new(Engine {
            faults,
            is_down: AtomicBool::new(false),
            inboxes: Mutex::default(),
            came: Notify::new(),
            records: Mutex::default(),
        }))
    }

    /// Returns a connection for an instance.
    #[must_use]
    pub fn connect(&self) -> SimulatedConnection {
        SimulatedConnection { engine: Arc::clone(&self.0), is_cut: Arc::default() }
    }

    /// Takes the engine down. Every operation fails until [`resume`](Self::resume), and messages on their way are lost.
    pub fn stop(&self) {
        self.0.is_down.store(true, Ordering::SeqCst);
        locked(&self.0.inboxes).values_mut().for_each(|inbox| inbox.messages.clear());
        self.0.came.notify_waiters();
    }

    /// Loses all records, like a server that restarts without its data.
    pub fn lose_records(&self) {
        locked(&self.0.records).clear();
    }

    /// Brings the engine up again, with its records.
    pub fn resume(&self) {
        self.0.is_down.store(false, Ordering::SeqCst);
        self.0.came.notify_waiters();
    }
}

impl SimulatedConnection {
    /// Cuts this instance off until [`heal`](Self::heal). Messages to it are lost.
    pub fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
        self.engine.came.notify_waiters();
    }

    /// Connects this instance again.
    pub fn heal(&self) {
        self.is_cut.store(false, Ordering::SeqCst);
        self.engine.came.notify_waiters();
    }

    fn is_down(&self) -> bool {
        self.is_cut.load(Ordering::SeqCst) || self.engine.is_down.load(Ordering::SeqCst)
    }

    /// Runs an operation, or fails without or after it.
    async fn operate<T>(&self, operation: impl FnOnce(&Engine) -> T) -> Result<T, Unavailable> {
        if self.is_down() {
            sleep(DOWN).await;
            return Err(Unavailable);
        }
        // Operations of several instances interleave.
        tokio::task::yield_now().await;
        let Some(faults) = &self.engine.faults else { return Ok(operation(&self.engine)) };
        if faults.occurs() {
            return Err(Unavailable);
        }
        let outcome = operation(&self.engine);
        if faults.occurs() { Err(Unavailable) } else { Ok(outcome) }
    }
}

impl Engine {
    fn deliver(&self, to: Recipient<'_>, message: &[u8]) {
        for (name, inbox) in locked(&self.inboxes).iter_mut() {
            if !matches!(to, Recipient::All) && to != Recipient::One(name) {
                continue;
            }
            let copies = match &self.faults {
                Some(faults) if faults.occurs() => 0,
                Some(faults) if faults.occurs() => 2,
                _ => 1,
            };
            for _ in 0..copies {
                let delay = self.faults.as_ref().map_or(0, |faults| faults.number(MAX_DELAY.as_millis() as u64));
                inbox.count += 1;
                let place = (Instant::now() + Duration::from_millis(delay), inbox.count);
                inbox.messages.insert(place, message.to_vec());
            }
        }
        self.came.notify_waiters();
    }

    /// Returns a record that has not expired.
    fn record(&self, key: &str) -> Option<Record> {
        locked(&self.records).get(key).filter(|(_, end)| Instant::now() < *end).map(|(record, _)| record.clone())
    }

    /// Compares and stores in one step, because nothing else runs in between.
    fn put(&self, key: &str, value: Vec<u8>, end: Instant, expected: Expected) -> Put {
        let found = self.record(key);
        let fits = match (&found, expected) {
            (None, Expected::Absent) => true,
            (Some(found), Expected::Version(version)) => found.version == version,
            _ => false,
        };
        if !fits {
            return Put::Found(found);
        }
        let mut records = locked(&self.records);
        // A version is not used again after its record expired.
        let version = records.get(key).map_or(0, |(record, _)| record.version) + 1;
        records.insert(key.to_owned(), (Record { version, value }, end));
        Put::Stored(version)
    }
}

impl Backplane for SimulatedConnection {
    fn send<'a>(&'a self, to: Recipient<'a>, message: &'a [u8]) -> BackplaneFuture<'a, ()> {
        Box::pin(self.operate(move |engine| engine.deliver(to, message)))
    }

    fn receive<'a>(&'a self, instance: &'a str) -> BackplaneFuture<'a, Vec<u8>> {
        Box::pin(async move {
            loop {
                let came = self.engine.came.notified();
                if self.is_down() {
                    sleep(DOWN).await;
                    // What was sent meanwhile is lost, too.
                    if let Some(inbox) = locked(&self.engine.inboxes).get_mut(instance) {
                        inbox.messages.clear();
                    }
                    return Err(Unavailable);
                }
                let first = {
                    let mut inboxes = locked(&self.engine.inboxes);
                    let messages = &mut inboxes.entry(instance.to_owned()).or_default().messages;
                    match messages.first_entry() {
                        Some(first) if first.key().0 <= Instant::now() => return Ok(first.remove()),
                        first => first.map(|first| first.key().0),
                    }
                };
                match first {
                    Some(arrival) => tokio::select! {
                        () = came => {}
                        () = sleep_until(arrival) => {}
                    },
                    None => came.await,
                }
            }
        })
    }

    fn get<'a>(&'a self, key: &'a str) -> BackplaneFuture<'a, Option<Record>> {
        Box::pin(self.operate(move |engine| engine.record(key)))
    }

    fn put<'a>(
        &'a self,
        key: &'a str,
        value: &'a [u8],
        lifetime: Duration,
        expected: Expected,
    ) -> BackplaneFuture<'a, Put> {
        let end = Instant::now() + lifetime;
        Box::pin(self.operate(move |engine| engine.put(key, value.to_vec(), end, expected)))
    }

    fn add<'a>(&'a self, key: &'a str, amount: u64, lifetime: Duration) -> BackplaneFuture<'a, u64> {
        let end = Instant::now() + lifetime;
        Box::pin(self.operate(move |engine| {
            let mut records = locked(&engine.records);
            let (record, _) = records
                .entry(key.to_owned())
                .and_modify(|(record, known)| {
                    if *known <= Instant::now() {
                        (record.value, *known) = (vec![0; 8], end);
                    }
                })
                .or_insert((Record { version: 0, value: vec![0; 8] }, end));
            let now = record.value.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
            let sum = now.saturating_add(amount);
            *record = Record { version: record.version + 1, value: sum.to_be_bytes().to_vec() };
            sum
        }))
    }
}

impl fmt::Debug for SimulatedBackplane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedBackplane").finish_non_exhaustive()
    }
}

impl fmt::Debug for SimulatedConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedConnection").finish_non_exhaustive()
    }
}
