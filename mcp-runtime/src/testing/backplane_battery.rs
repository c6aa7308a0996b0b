//! The battery of checks that an engine between instances must pass.

use std::fmt::Debug;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use ring::rand::{SecureRandom as _, SystemRandom};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, sleep, timeout};

use crate::backplane::{Backplane, BackplaneFuture, Expected, Put, Recipient, Record, Unavailable};

/// Limits the time of an operation.
const OPERATION: Duration = Duration::from_secs(2);

/// Limits the time until something comes true: a message, an expiry, the end of an outage.
const PATIENCE: Duration = Duration::from_secs(30);

/// The silence after which no further message is expected.
const SILENCE: Duration = Duration::from_millis(300);

/// A lifetime that ends while the battery runs.
const SHORT: Duration = Duration::from_millis(500);

/// The messages by which the battery finds out that an instance receives.
const FIRST: &[u8] = b"control: first";
const LAST: [&[u8]; 2] = [b"control: last of 0", b"control: last of 1"];

/// A lifetime that does not.
const LONG: Duration = Duration::from_secs(120);

/// Asserts that an engine keeps every guarantee of [`Backplane`].
///
/// The argument makes a connection, as each instance has one. The battery makes two. It stores records that expire
/// after two minutes, under keys that are new in each run, and takes some seconds.
///
/// ```
/// use mcp::testing::{SimulatedBackplane, assert_backplane};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let engine = SimulatedBackplane::new();
/// assert_backplane(async || engine.connect()).await;
/// # }
/// ```
///
/// # Panics
/// A guarantee is broken, which the message names.
#[track_caller]
pub fn assert_backplane<B: Backplane>(connect: impl AsyncFn() -> B) -> impl Future<Output = ()> {
    let asserted_at = Location::caller();
    async move {
        let battery = Battery::new(asserted_at, &connect).await;
        battery.records().await;
        battery.values().await;
        battery.keys().await;
        battery.races().await;
        battery.sums().await;
        battery.lifetimes().await;
        battery.messages().await;
        battery.dropped_calls().await;
    }
}

/// Asserts that an engine survives an outage, which `stop` begins and `resume` ends.
///
/// During the outage, every operation is [`Unavailable`] within two seconds. After it, the connections work again.
///
/// ```
/// use mcp::testing::{SimulatedBackplane, assert_backplane_outage};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let engine = SimulatedBackplane::new();
/// assert_backplane_outage(async || engine.connect(), async || engine.stop(), async || engine.resume()).await;
/// # }
/// ```
///
/// # Panics
/// An operation succeeds or hangs during the outage, or fails long after it.
#[track_caller]
pub fn assert_backplane_outage<B: Backplane>(
    connect: impl AsyncFn() -> B,
    stop: impl AsyncFnOnce(),
    resume: impl AsyncFnOnce(),
) -> impl Future<Output = ()> {
    let asserted_at = Location::caller();
    async move {
        let battery = Battery::new(asserted_at, &connect).await;
        let (key, engine) = (battery.key("outage"), &battery.connections[0]);
        let mut listener = battery.listen(0).await;
        stop().await;
        for _ in 0..3 {
            battery.is_unavailable("send", engine.send(Recipient::All, b"lost")).await;
            battery.is_unavailable("get", engine.get(&key)).await;
            battery.is_unavailable("put", engine.put(&key, b"lost", LONG, Expected::Absent)).await;
            battery.is_unavailable("add", engine.add(&key, 1, LONG)).await;
        }
        resume().await;
        let (end, key) = (Instant::now() + PATIENCE, battery.key("after the outage"));
        for engine in &battery.connections {
            while engine.get(&key).await.is_err() {
                battery.holds("the engine reconnects after an outage", Instant::now() < end);
                sleep(Duration::from_millis(50)).await;
            }
        }
        battery.puts("an outage ends", &key, b"value", Expected::Absent).await;
        battery.hear(&mut listener).await;
    }
}

fn is_control(message: &[u8]) -> bool {
    message == FIRST || LAST.contains(&message)
}

/// Two connections to an engine.
struct Battery<B> {
    asserted_at: &'static Location<'static>,
    connections: [Arc<B>; 2],
    /// A text that is new in each run.
    run: String,
}

/// The messages that an instance receives.
struct Listener {
    messages: UnboundedReceiver<Vec<u8>>,
    task: AbortHandle,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl<B: Backplane> Battery<B> {
    #[expect(clippy::expect_used, reason = "without randomness nothing can be tested")]
    async fn new(asserted_at: &'static Location<'static>, connect: &impl AsyncFn() -> B) -> Self {
        let mut run = [0; 8];
        SystemRandom::new().fill(&mut run).expect("the system has randomness");
        let run = format!("{:016x}", u64::from_be_bytes(run));
        Self { asserted_at, connections: [Arc::new(connect().await), Arc::new(connect().await)], run }
    }

    fn key(&self, name: &str) -> String {
        format!("{}:{name}", self.run)
    }

    /// Returns the name of the instance of a connection.
    fn instance(&self, number: usize) -> String {
        format!("{}-{number}", self.run)
    }

    async fn records(&self) {
        let [one, other] = &self.connections;
        let key = self.key("record");
        self.equal("a key without a record has none", self.done(one.get(&key)).await, None);
        let absent = self.done(one.put(&key, b"0", LONG, Expected::Version(1))).await;
        self.equal("no record has no version", absent, Put::Found(None));
        let first = self.puts("an absent record is stored", &key, b"1", Expected::Absent).await;
        let record = Record { version: first, value: b"1".to_vec() };
        self.equal("every connection reads a record", self.done(other.get(&key)).await, Some(record.clone()));
        for expected in [Expected::Absent, Expected::Version(first.wrapping_add(1)), Expected::Version(u64::MAX)] {
            let found = self.done(other.put(&key, b"2", LONG, expected)).await;
            self.equal("another record is found, and not replaced", found, Put::Found(Some(record.clone())));
        }
        let second = self.puts("the expected version is replaced", &key, b"2", Expected::Version(first)).await;
        self.holds("a change makes another version", first != second);
        let stale = self.done(one.put(&key, b"3", LONG, Expected::Version(first))).await;
        let record = Record { version: second, value: b"2".to_vec() };
        self.equal("an old version is not replaced", stale, Put::Found(Some(record.clone())));
        self.equal("a refused change changes nothing", self.done(one.get(&key)).await, Some(record));
    }

    async fn values(&self) {
        let every_byte: Vec<u8> = (0..=255).collect();
        let large = every_byte.repeat(4096);
        for (name, value) in [("empty", vec![]), ("bytes", every_byte), ("large", large)] {
            let key = self.key(name);
            self.puts("every value is stored", &key, &value, Expected::Absent).await;
            let read = self.done(self.connections[1].get(&key)).await.map(|record| record.value);
            self.holds(&format!("a value is read as it was stored ({name})"), read.as_deref() == Some(&value));
        }
    }

    async fn keys(&self) {
        let keys = ["key", "KEY", "key:", "key{1}", "key{2}", "key*", "key\n"].map(|name| self.key(name));
        for key in &keys {
            self.puts("keys are distinct", key, key.as_bytes(), Expected::Absent).await;
        }
        for key in &keys {
            let value = self.done(self.connections[0].get(key)).await.map(|record| record.value);
            self.equal("each key has its own record", value, Some(key.clone().into_bytes()));
        }
    }

    async fn races(&self) {
        for round in 0..10 {
            let key = self.key(&format!("race {round}"));
            let first = self.race(&key, Expected::Absent).await;
            self.race(&key, Expected::Version(first)).await;
        }
    }

    /// Lets both connections put a record at once, and returns the version of the only winner.
    async fn race(&self, key: &str, expected: Expected) -> u64 {
        let mut racers = JoinSet::new();
        for number in 0_u8..8 {
            let (engine, key) = (Arc::clone(&self.connections[usize::from(number % 2)]), key.to_owned());
            racers.spawn(async move { (number, engine.put(&key, &[number], LONG, expected).await) });
        }
        let outcomes = racers.join_all().await;
        let winners = outcomes.iter().filter_map(|(number, put)| match put {
            Ok(Put::Stored(version)) => Some(Record { version: *version, value: vec![*number] }),
            _ => None,
        });
        let winners: Vec<_> = winners.collect();
        self.equal("of several puts at once, one is stored", winners.len(), 1);
        let winner = winners.into_iter().next();
        for (_, put) in &outcomes {
            let fits = matches!(put, Ok(Put::Stored(_))) || *put == Ok(Put::Found(winner.clone()));
            self.holds(&format!("every other put finds the one that is stored, not {put:?}"), fits);
        }
        self.equal("the record is that of the winner", self.done(self.connections[0].get(key)).await, winner.clone());
        winner.map_or(0, |record| record.version)
    }

    async fn sums(&self) {
        let key = self.key("sum");
        let mut adders = JoinSet::new();
        for number in 0..32_usize {
            let (engine, key) = (Arc::clone(&self.connections[number % 2]), key.clone());
            adders.spawn(async move { engine.add(&key, 3, LONG).await });
        }
        let mut sums: Vec<_> = adders.join_all().await.into_iter().flatten().collect();
        sums.sort_unstable();
        self.equal("no addition is lost, and each returns its sum", sums, (1..=32).map(|number| 3 * number).collect());
        // Beyond the whole numbers of a double.
        let large = (1 << 53) + 1;
        self.done(self.connections[0].add(&self.key("large sum"), large, LONG)).await;
        let sum = self.done(self.connections[1].add(&self.key("large sum"), 1, LONG)).await;
        self.equal("sums are exact", sum, large + 1);
    }

    async fn lifetimes(&self) {
        let [one, other] = &self.connections;
        let (key, sum) = (self.key("short"), self.key("short sum"));
        let stored = self.done(one.put(&key, b"old", SHORT, Expected::Absent)).await;
        let Put::Stored(old) = stored else { return self.holds("an absent record is stored", false) };
        let begin = Instant::now();
        // Additions do not prolong it, so that the sum begins anew while they go on.
        let mut last = 0;
        loop {
            let next = self.done(other.add(&sum, 1, SHORT)).await;
            if next <= last {
                self.equal("an expired sum begins anew", next, 1);
                break;
            }
            last = next;
            self.holds("the lifetime of a sum begins with the first addition", begin.elapsed() < PATIENCE);
            sleep(SHORT / 10).await;
        }
        self.holds("a sum lives as long as it was told to", begin.elapsed() >= SHORT / 2);
        while self.done(other.get(&key)).await.is_some() {
            self.holds("a record expires", begin.elapsed() < PATIENCE);
            sleep(SHORT / 10).await;
        }
        let new = self.puts("an expired record is absent", &key, b"new", Expected::Absent).await;
        self.holds("the version of an expired record is not used again", old != new);
        let found = self.done(one.put(&key, b"stale", LONG, Expected::Version(old))).await;
        let record = Record { version: new, value: b"new".to_vec() };
        self.equal("a version that expired is not replaced", found, Put::Found(Some(record)));
        // A change has a lifetime of its own.
        self.done(one.put(&key, b"short", SHORT, Expected::Version(new))).await;
        let begin = Instant::now();
        while self.done(one.get(&key)).await.is_some() {
            self.holds("the lifetime of a change replaces the one before", begin.elapsed() < PATIENCE);
            sleep(SHORT / 10).await;
        }
    }

    async fn messages(&self) {
        let mut listeners = [self.listen(0).await, self.listen(1).await];
        let mut expected = [vec![], vec![]];
        let large: Vec<u8> = (0..=255).cycle().take(256 * 1024).collect();
        self.done(self.connections[0].send(Recipient::All, &large)).await;
        for number in 0..200_usize {
            let sender = number % 2;
            let to_all = format!("{number} of {sender} to all").into_bytes();
            self.done(self.connections[sender].send(Recipient::All, &to_all)).await;
            expected.iter_mut().for_each(|expected| expected.push(to_all.clone()));
            for (recipient, expected) in expected.iter_mut().enumerate() {
                let to_one = format!("{number} of {sender} to {recipient}").into_bytes();
                let name = self.instance(recipient);
                self.done(self.connections[sender].send(Recipient::One(&name), &to_one)).await;
                expected.push(to_one);
            }
        }
        for (listener, mut expected) in listeners.iter_mut().zip(expected) {
            expected.push(large.clone());
            expected.sort_unstable();
            let mut received = vec![];
            while received.len() < expected.len() {
                let Ok(Some(message)) = timeout(PATIENCE, listener.messages.recv()).await else { break };
                received.extend((!is_control(&message)).then_some(message));
            }
            while let Ok(Some(message)) = timeout(SILENCE, listener.messages.recv()).await {
                received.push(message);
            }
            received.sort_unstable();
            let lost = expected.iter().filter(|message| received.binary_search(message).is_err()).count();
            self.equal("each message reaches its recipients, the sender included", lost, 0);
            let foreign = received.iter().filter(|message| expected.binary_search(message).is_err()).count();
            self.equal("no message reaches another instance, and none is changed", foreign, 0);
            self.equal("each message is received once", received.len(), expected.len());
        }
    }

    /// Drops calls of `receive` at any moment, while messages arrive.
    async fn dropped_calls(&self) {
        const MESSAGES: u8 = 50;
        let [one, other] = &self.connections;
        let name = self.instance(0);
        let mut sending = JoinSet::new();
        let (sender, recipient) = (Arc::clone(other), name.clone());
        sending.spawn(async move {
            for number in 0..MESSAGES {
                let _ = sender.send(Recipient::One(&recipient), &[number]).await;
                sleep(Duration::from_millis(3)).await;
            }
        });
        let (end, mut received, mut millis) = (Instant::now() + PATIENCE, vec![], 1);
        while received.len() < usize::from(MESSAGES) {
            self.holds("a call of `receive` that is dropped loses no message", Instant::now() < end);
            if let Ok(Ok(message)) = timeout(Duration::from_millis(millis), one.receive(&name)).await {
                // Those to all may come from other programs.
                received.extend((message.len() == 1).then_some(message));
            }
            // Ever longer, because a call may have to connect anew.
            millis = if millis > 1000 { 1 } else { 2 * millis + 1 };
        }
        received.sort_unstable();
        received.dedup();
        self.equal("a call of `receive` that is dropped doubles no message", received.len(), usize::from(MESSAGES));
    }

    /// Receives the messages of an instance, and returns when it hears both connections.
    async fn listen(&self, number: usize) -> Listener {
        let (engine, name) = (Arc::clone(&self.connections[number]), self.instance(number));
        let (sender, messages) = unbounded_channel();
        let receive = async move {
            loop {
                match engine.receive(&name).await {
                    Ok(message) => drop(sender.send(message)),
                    Err(Unavailable) => sleep(Duration::from_millis(50)).await,
                }
            }
        };
        let mut listener = Listener { messages, task: tokio::spawn(receive).abort_handle() };
        self.hear(&mut listener).await;
        listener
    }

    /// Sends until a listener receives again, and reads what it received before.
    async fn hear(&self, listener: &mut Listener) {
        let end = Instant::now() + PATIENCE;
        for (engine, last) in self.connections.iter().zip(LAST) {
            loop {
                self.done(engine.send(Recipient::All, FIRST)).await;
                if timeout(SILENCE, listener.messages.recv()).await.is_ok() {
                    break;
                }
                self.holds("an instance receives what is sent after its first call", Instant::now() < end);
            }
            self.done(engine.send(Recipient::All, last)).await;
            let mut message = None;
            while message.as_deref() != Some(last) {
                message = timeout(PATIENCE, listener.messages.recv()).await.ok().flatten();
                self.holds("a message is received", message.is_some());
            }
        }
    }

    /// Puts a record, which must succeed, and returns its version.
    #[expect(clippy::panic, reason = "a mistake in a test fails the test")]
    async fn puts(&self, guarantee: &str, key: &str, value: &[u8], expected: Expected) -> u64 {
        match self.done(self.connections[0].put(key, value, LONG, expected)).await {
            Put::Stored(version) => version,
            Put::Found(found) => {
                let found = found.map(|record| record.version);
                panic!("asserted at {}: {guarantee}: found the version {found:?}", self.asserted_at)
            }
        }
    }

    /// Returns the outcome of an operation, which a healthy engine has in time.
    #[expect(clippy::panic, reason = "a mistake in a test fails the test")]
    async fn done<T>(&self, operation: BackplaneFuture<'_, T>) -> T {
        match timeout(OPERATION, operation).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(error)) => panic!("asserted at {}: a healthy engine is available: {error}", self.asserted_at),
            Err(_) => panic!("asserted at {}: an operation responds within two seconds", self.asserted_at),
        }
    }

    async fn is_unavailable<T>(&self, name: &str, operation: BackplaneFuture<'_, T>) {
        let outcome = timeout(OPERATION, operation).await;
        let is_unavailable = matches!(outcome, Ok(Err(Unavailable)));
        self.holds(&format!("`{name}` is unavailable within two seconds in an outage"), is_unavailable);
    }

    fn holds(&self, guarantee: &str, holds: bool) {
        assert!(holds, "asserted at {}: this engine breaks a guarantee: {guarantee}", self.asserted_at);
    }

    #[expect(clippy::needless_pass_by_value, reason = "the calls read better with values")]
    fn equal<T: PartialEq + Debug>(&self, guarantee: &str, found: T, expected: T) {
        let at = self.asserted_at;
        assert!(
            found == expected,
            "asserted at {at}: this engine breaks a guarantee: {guarantee}: found {found:?}, expected {expected:?}"
        );
    }
}
