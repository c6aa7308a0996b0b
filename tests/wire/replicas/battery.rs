//! The battery for engines passes the simulated one, and no engine with a fault.

use std::time::Duration;

use mcp::backplane::{Backplane, BackplaneFuture, Expected, Put, Recipient, Record, Unavailable};
use mcp::testing::{SimulatedBackplane, SimulatedConnection, assert_backplane, assert_backplane_outage};
use tokio::time::sleep;

#[tokio::test(start_paused = true)]
async fn the_simulated_engine_passes() {
    let engine = SimulatedBackplane::new();
    assert_backplane(async || engine.connect()).await;
    assert_backplane_outage(async || engine.connect(), async || engine.stop(), async || engine.resume()).await;
}

/// An engine with one fault.
struct Faulty {
    engine: SimulatedConnection,
    fault: Fault,
}

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    Doubles,
    SendsToAll,
    Overwrites,
    ProlongsSums,
    Hangs,
}

impl Backplane for Faulty {
    fn send<'a>(&'a self, to: Recipient<'a>, message: &'a [u8]) -> BackplaneFuture<'a, ()> {
        Box::pin(async move {
            if self.fault == Fault::Doubles {
                self.engine.send(to, message).await?;
            }
            self.engine.send(if self.fault == Fault::SendsToAll { Recipient::All } else { to }, message).await
        })
    }

    fn receive<'a>(&'a self, instance: &'a str) -> BackplaneFuture<'a, Vec<u8>> {
        self.engine.receive(instance)
    }

    fn get<'a>(&'a self, key: &'a str) -> BackplaneFuture<'a, Option<Record>> {
        Box::pin(async move {
            match self.engine.get(key).await {
                Err(Unavailable) if self.fault == Fault::Hangs => std::future::pending().await,
                outcome => outcome,
            }
        })
    }

    fn put<'a>(
        &'a self,
        key: &'a str,
        value: &'a [u8],
        lifetime: Duration,
        expected: Expected,
    ) -> BackplaneFuture<'a, Put> {
        Box::pin(async move {
            if self.fault != Fault::Overwrites {
                return self.engine.put(key, value, lifetime, expected).await;
            }
            // Compares and stores in two steps.
            match (self.engine.get(key).await?, expected) {
                (None, Expected::Absent) => {}
                (Some(found), Expected::Version(version)) if found.version == version => {}
                (found, _) => return Ok(Put::Found(found)),
            }
            sleep(Duration::from_millis(1)).await;
            loop {
                let found = self.engine.get(key).await?;
                let expected = found.map_or(Expected::Absent, |found| Expected::Version(found.version));
                if let Put::Stored(version) = self.engine.put(key, value, lifetime, expected).await? {
                    return Ok(Put::Stored(version));
                }
            }
        })
    }

    fn add<'a>(&'a self, key: &'a str, amount: u64, lifetime: Duration) -> BackplaneFuture<'a, u64> {
        let lifetime = if self.fault == Fault::ProlongsSums { Duration::MAX / 4 } else { lifetime };
        self.engine.add(key, amount, lifetime)
    }
}

async fn test(fault: Fault) {
    let engine = SimulatedBackplane::new();
    let connect = async || Faulty { engine: engine.connect(), fault };
    if fault == Fault::Hangs {
        assert_backplane_outage(connect, async || engine.stop(), async || engine.resume()).await;
    } else {
        assert_backplane(connect).await;
    }
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "each message is received once")]
async fn an_engine_that_doubles_messages_fails() {
    test(Fault::Doubles).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "no message reaches another instance")]
async fn an_engine_that_sends_to_all_fails() {
    test(Fault::SendsToAll).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "of several puts at once, one is stored")]
async fn an_engine_that_overwrites_fails() {
    test(Fault::Overwrites).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "the lifetime of a sum begins with the first addition")]
async fn an_engine_that_prolongs_sums_fails() {
    test(Fault::ProlongsSums).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "`get` is unavailable within two seconds in an outage")]
async fn an_engine_that_hangs_fails() {
    test(Fault::Hangs).await;
}
