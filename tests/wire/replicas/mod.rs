//! Several instances of a server, connected by an engine that has faults.

mod answers;
mod battery;
mod changes;
mod ends;
mod keys;
mod newer;
mod offer;
mod outage;
mod preferences;
mod rates;
mod replay;
mod single_use;
mod tasks;

use std::ops::Range;
use std::time::Duration;

use axum::Router;
use mcp::backplane::Backplane;
use mcp::testing::{SimulatedBackplane, SimulatedConnection};
use mcp::{Changes, Http};
use tokio::time::Instant;

use crate::support::session::{Client, Observer, Room, tokens};

/// Returns the seeds that a test tries: 100, or as many as the environment variable `SEEDS` says.
fn seeds() -> Range<u64> {
    0..std::env::var("SEEDS").map_or(100, |number| number.parse().expect("`SEEDS` is a number"))
}

/// The time within which each request has a response, whatever the engine does.
const RESPONSE: Duration = Duration::from_secs(2);

/// One instance of a server.
struct Instance {
    app: Router,
    changes: Changes,
    connection: SimulatedConnection,
}

struct Board;

#[mcp::server(name = "board", version = "1")]
impl Board {
    /// Look at the board.
    #[mcp::tool]
    fn look(&self) -> &'static str {
        "empty"
    }

    /// A note.
    #[mcp::resource("note://{id}")]
    fn note(&self, id: u64) -> String {
        format!("note {id}")
    }
}

/// Returns three instances of one server.
fn instances(engine: &SimulatedBackplane) -> [Instance; 3] {
    [(); 3].map(|()| {
        let connection = engine.connect();
        let http = Http::open(Board).replicas(connection.clone(), [[7; 32]]);
        Instance { changes: http.changes(), app: http.router(), connection }
    })
}

/// One instance of a server with sessions.
struct RoomInstance {
    app: Router,
    changes: Changes,
    connection: SimulatedConnection,
    observer: Observer,
}

/// Starts an instance of a server with sessions.
fn room_instance(engine: &SimulatedBackplane) -> RoomInstance {
    let connection = engine.connect();
    room_instance_of(connection.clone(), connection, &[7])
}

/// Starts an instance with an engine in front of its connection, and with keys of these bytes.
fn room_instance_of(engine: impl Backplane, connection: SimulatedConnection, keys: &[u8]) -> RoomInstance {
    let (room, observer) = Room::new();
    let http = Http::protected(room, tokens()).replicas(engine, keys.iter().map(|byte| [*byte; 32]));
    RoomInstance { changes: http.changes(), app: http.router(), connection, observer }
}

/// Returns three instances of one server with sessions.
fn room_instances(engine: &SimulatedBackplane) -> [RoomInstance; 3] {
    [(); 3].map(|()| room_instance(engine))
}

impl RoomInstance {
    /// Returns the same client at this instance, where its balancer sends it.
    fn serve(&self, client: &Client) -> Client {
        Client { app: self.app.clone(), ..client.clone() }
    }
}

/// Asserts that a response asks the client to try again, in time.
fn assert_try_again(response: &str, asked: Instant) {
    assert!(
        response.starts_with("503 Service Unavailable\ncontent-type: application/json\nretry-after: "),
        "{response}"
    );
    assert!(asked.elapsed() <= RESPONSE, "{:?}", asked.elapsed());
}
