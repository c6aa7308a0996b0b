//! Several instances of a server, connected by an engine that has faults.

mod changes;

use axum::Router;
use mcp::testing::{SimulatedBackplane, SimulatedConnection};
use mcp::{Changes, Http};

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
