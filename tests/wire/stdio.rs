//! Lines of JSON-RPC.

use std::io::{BufRead as _, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command};
use std::time::Duration;

use mcp::Stdio;
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::time::Instant;

use crate::support::client::{META, message, modern_message};
use crate::support::jobs::Jobs;
use crate::support::servers::{Notes, Workshop, limits};
use crate::support::session::Room;
use crate::support::stdio::{Client, cancel, wait};

fn text(answer: &str) -> String {
    let answer: Value = serde_json::from_str(answer).expect("JSON");
    answer["result"]["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

fn initialize(version: &str) -> String {
    message(
        "initialize",
        &format!(r#""protocolVersion":"{version}","capabilities":{{}},"clientInfo":{{"name":"test","version":"1"}}"#),
    )
}

#[tokio::test]
async fn both_eras_are_served_on_one_pipe() {
    let mut client = Client::of(Stdio::new(Notes::default()));
    let discover = client.ask(&modern_message("server/discover", "")).await;
    assert!(
        discover.starts_with(r#"{"jsonrpc":"2.0","id":1,"result":{"supportedVersions":["2026-07-28","#),
        "{discover}"
    );
    assert_eq!(client.ask(&message("ping", "")).await, r#"{"jsonrpc":"2.0","id":1,"result":{}}"#);
    let early = client.ask(&message("tools/list", "")).await;
    assert_eq!(
        early,
        r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"Invalid request: begin with `initialize`, or put `io.modelcontextprotocol/protocolVersion` into `_meta`"}}"#
    );
    for (version, title) in [("2025-03-26", ""), ("2025-11-25", r#""title":"Notebook","#)] {
        let handshake = client.ask(&initialize(version)).await;
        assert_eq!(
            handshake,
            format!(
                r#"{{"jsonrpc":"2.0","id":1,"result":{{"protocolVersion":"{version}","capabilities":{{"logging":{{}},"tools":{{"listChanged":true}}}},"serverInfo":{{"name":"notes",{title}"version":"1.2.3"}},"instructions":"Keep notes."}}}}"#
            )
        );
        client.write(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#).await;
        // The handshake settles the version of what follows, and a second one settles it anew.
        let list = client.ask(&message("tools/list", "")).await;
        assert_eq!(list.contains(r#""title":"List notes""#), version == "2025-11-25", "{list}");
        let listed = client.ask(&modern_message("tools/list", "")).await;
        assert!(listed.contains(r#""resultType":"complete""#), "{listed}");
    }
    for (tool, expected) in [
        ("whoami", "anonymous anonymous anonymous"),
        ("whoami_sync", "anonymous anonymous"),
        ("whoami_blocking", "anonymous anonymous"),
        ("whoami_surely", "This needs an access token, which only requests over HTTP carry"),
        ("inspect", "This can only be asked for over HTTP"),
    ] {
        let call = format!(r#""name":"{tool}","arguments":{{}}"#);
        assert_eq!(text(&client.ask(&message("tools/call", &call)).await), expected);
        assert_eq!(text(&client.ask(&modern_message("tools/call", &call)).await), expected);
    }
    let unsupported = client.ask(&message("tools/list", &META.replace("2026-07-28", "1900-01-01"))).await;
    assert!(unsupported.contains(r#""code":-32022"#) && unsupported.contains(r#""requested":"1900-01-01""#));
    client
        .write_unchecked(&message("tools/list", r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}"#))
        .await;
    assert_eq!(
        client.read().await.unwrap(),
        r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"Invalid params: `_meta` must have `io.modelcontextprotocol/clientCapabilities`"}}"#
    );
    assert_eq!(client.finish().await, [""; 0]);
}

#[tokio::test]
async fn lines_that_make_no_sense_are_answered_or_ignored_and_the_next_one_is_served() {
    let (mut client, mut observer) = Client::workshop();
    for (line, answer) in [
        ("", None),
        ("   \r", None),
        (r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":99}}"#, None),
        (r#"{"jsonrpc":"2.0","method":"notifications/any","params":{"name":7,"_meta":[]}}"#, None),
        (r#"{"jsonrpc":"2.0","id":5,"result":{}}"#, None),
        // A byte order mark is left out.
        ("\u{feff}{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}", Some(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#)),
        (
            "garbage",
            Some(
                r#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error: expected value at line 1 column 1"}}"#,
            ),
        ),
        (
            "[]",
            Some(
                r#"{"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid request: batches are not supported; send one message"}}"#,
            ),
        ),
        (
            r#"{"jsonrpc":"2.0","id":"x","method":"ping","params":7}"#,
            Some(
                r#"{"jsonrpc":"2.0","id":"x","error":{"code":-32602,"message":"Invalid params: `params` must be an object"}}"#,
            ),
        ),
    ] {
        client.write_unchecked(line).await;
        if let Some(answer) = answer {
            assert_eq!(client.read().await.as_deref(), Some(answer));
        }
        // Nothing else was answered: the next line is that of the ping.
        client.write("{\"jsonrpc\":\"2.0\",\"id\":\"p\",\"method\":\"ping\"}\r").await;
        assert_eq!(client.read().await.unwrap(), r#"{"jsonrpc":"2.0","id":"p","result":{}}"#, "{line}");
    }
    client.input.write_all(b"{\"a\":\"\xff\"}\n").await.unwrap();
    assert_eq!(
        client.read().await.unwrap(),
        r#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error: the body is not valid UTF-8"}}"#
    );
    // One answer is one line, whatever a tool returns.
    let foreign = client.ask(&modern_message("tools/call", r#""name":"foreign""#)).await;
    assert!(foreign.contains("\"structuredContent\":{ \t\"a\": \"b\\nc\""), "{foreign}");
    assert!(!foreign.contains('\r'), "which some take for the end of a line: {foreign}");
    client.ask(&modern_message("tools/call", r#""name":"panic_sync""#)).await;
    assert_eq!(text(&client.ask(&modern_message("tools/call", r#""name":"count""#)).await), "1");
    assert_eq!(client.finish().await, [""; 0]);
    assert!(observer.events.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_question_is_not_open_for_ever() {
    for (limit, stdio) in [
        (Duration::from_secs(600), Stdio::new(Room::new().0)),
        (
            Duration::from_secs(7),
            Stdio::new(Room::new().0).limits(limits(|limits| limits.state.question_timeout = Duration::from_secs(7))),
        ),
    ] {
        let mut client = Client::of(stdio);
        client.ask(&initialize("2025-11-25").replace(r#""capabilities":{}"#, r#""capabilities":{"roots":{}}"#)).await;
        let question = client.ask(&message("tools/call", r#""name":"folders""#)).await;
        let question: Value = serde_json::from_str(&question).expect("JSON");
        let (id, start) = (&question["id"], Instant::now());
        let cancelled =
            format!(r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{id}}}}}"#);
        assert_eq!(client.read().await, Some(cancelled));
        assert_eq!(start.elapsed().as_secs(), limit.as_secs());
        let expected = format!("The client did not answer `roots`: it took longer than {limit:?}");
        assert_eq!(text(&client.read().await.expect("an answer")), expected);
        // It is too late, and there is nothing to answer to that.
        client.write_unchecked(&format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"roots":[]}}}}"#)).await;
        assert_eq!(client.finish().await, [""; 0]);
    }
}

#[tokio::test]
async fn a_cancelled_request_stops_and_has_no_answer() {
    let (mut client, mut observer) = Client::workshop();
    for id in ["7", "\"seven\""] {
        client.write(&wait(id)).await;
        assert_eq!(observer.events.recv().await, Some("started"));
        // Another request with the same id is refused, and does not disturb the first one.
        client.write(&wait(id)).await;
        assert_eq!(
            client.read().await.unwrap(),
            format!(
                r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":-32600,"message":"Invalid request: a request with this `id` is still running"}}}}"#
            )
        );
        client.write(&cancel("\"other\"")).await;
        client.write(&cancel(id)).await;
        assert_eq!(observer.events.recv().await, Some("dropped"));
        // The id is free again.
        assert_eq!(
            client.ask(&format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#)).await,
            format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#)
        );
    }
    assert_eq!(client.finish().await, [""; 0]);
}

#[tokio::test]
async fn a_session_is_settled_in_the_order_of_the_messages() {
    let mut client = Client::of(Stdio::new(Room::new().0));
    let numbered = |id: u64, method: &str, params: &str| {
        message(method, params).replacen(r#""id":1"#, &format!(r#""id":{id}"#), 1)
    };
    let call = |id| numbered(id, "tools/call", r#""name":"client""#);
    // None of them waits for the answer to the one before.
    for line in [
        initialize("2025-06-18").replacen(r#""id":1"#, r#""id":0"#, 1),
        call(1),
        numbered(2, "logging/setLevel", r#""level":"error""#),
        call(3),
        initialize("2025-11-25").replacen(r#""id":1"#, r#""id":4"#, 1),
        call(5),
    ] {
        client.write(&line).await;
    }
    let answers = client.finish().await;
    let answer = |id: u64| {
        let id = format!(r#""id":{id},"#);
        answers.iter().find(|answer| answer.contains(&id)).unwrap_or_else(|| panic!("{id} of {answers:?}"))
    };
    assert!(answer(0).contains(r#""protocolVersion":"2025-06-18""#), "{}", answer(0));
    assert!(text(answer(1)).starts_with("2025-06-18 "));
    assert!(text(answer(3)).starts_with("2025-06-18 "));
    assert!(text(answer(5)).starts_with("2025-11-25 "));
    let logged = answers.iter().filter(|answer| answer.contains(r#""level":"error","data":"found""#)).count();
    assert_eq!(logged, 1, "only the second call, because a session begins with no level: {answers:?}");
}

#[tokio::test]
async fn without_a_handshake_nothing_needs_a_session() {
    let mut client = Client::of(Stdio::new(Room::new().0));
    let version = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2025-11-25"}"#;
    for (method, params) in [("logging/setLevel", r#""level":"info""#), ("resources/subscribe", r#""uri":"notes://1""#)]
    {
        let refused = client.ask(&message(method, &format!("{params},{version}"))).await;
        let expected = format!("Invalid request: `{method}` needs a session; begin one with `initialize`");
        assert!(refused.contains(&expected), "{refused}");
    }
}

#[tokio::test]
async fn at_the_end_of_the_input_requests_in_flight_are_finished() {
    let (mut client, mut observer) = Client::workshop();
    client.write(&initialize("2025-11-25")).await;
    client.write(&message("tools/call", r#""name":"count""#).replace(r#""id":1"#, r#""id":2"#)).await;
    client.write(&wait("3")).await;
    // The last line has no end.
    client.input.write_all(br#"{"jsonrpc":"2.0","id":4,"method":"ping"}"#).await.unwrap();
    assert_eq!(observer.events.recv().await, Some("started"));
    observer.release.notify_one();
    let mut answers = client.finish().await;
    answers.sort();
    assert_eq!(answers.len(), 4);
    assert!(answers[0].starts_with(r#"{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25","#));
    assert_eq!(answers[1], r#"{"jsonrpc":"2.0","id":2,"result":{"content":[{"type":"text","text":"1"}]}}"#);
    assert!(
        answers[2].starts_with(r#"{"jsonrpc":"2.0","id":3,"result":{"content":[{"type":"text","text":"released"}],"#)
    );
    assert_eq!(answers[3], r#"{"jsonrpc":"2.0","id":4,"result":{}}"#);
}

#[tokio::test]
async fn at_the_end_of_the_input_tasks_are_finished_or_cut_off() {
    for (limit, permits) in [(Duration::MAX, 4), (Duration::ZERO, 0)] {
        let (jobs, go, ended) = Jobs::new();
        let mut client = Client::of(Stdio::new(jobs).limits(limits(|limits| limits.request.shutdown_timeout = limit)));
        let capable = r#"clientCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}"#;
        let call = modern_message("tools/call", r#""name":"count""#).replace(r#"clientCapabilities":{}"#, capable);
        assert!(client.ask(&call).await.contains(r#""resultType":"task""#));
        let (rest, ()) = tokio::join!(client.finish(), async { go.add_permits(permits) });
        assert_eq!(rest, [""; 0]);
        ended.notified().await;
        assert_eq!(go.available_permits(), 0, "each of its steps was done");
    }
}

#[tokio::test]
async fn a_client_that_stops_reading_ends_the_server_and_its_requests() {
    let (mut client, mut observer) = Client::workshop();
    client.write(&wait("1")).await;
    assert_eq!(observer.events.recv().await, Some("started"));
    let Client { mut input, output, task, .. } = client;
    drop(output);
    input.write_all(b"{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}\n").await.unwrap();
    assert_eq!(task.await.unwrap().unwrap_err().kind(), std::io::ErrorKind::BrokenPipe);
    assert_eq!(observer.events.recv().await, Some("dropped"));
}

const CHILD: &str = "WIRE_TEST_STDIO";
/// The exit code of the process when its output is closed.
const BROKEN_PIPE: i32 = 3;

/// Not a test of its own: the process that the tests below talk to.
#[test]
fn a_process_that_speaks() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    println!("\nBEGIN");
    // The runtime is gone before the result is looked at: nothing in it holds up the end.
    let served = tokio::runtime::Runtime::new().unwrap().block_on(Stdio::new(Workshop::new().0).serve());
    match served {
        Ok(()) => println!("END"),
        // Nobody reads what a failed test says.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(BROKEN_PIPE),
        Err(error) => panic!("{error}"),
    }
}

/// Starts it, and gives its pipes.
fn speaking() -> (Child, ChildStdin, ChildStdout) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "stdio::a_process_that_speaks", "--nocapture"])
        .env(CHILD, "1")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    (child, input, output)
}

#[test]
fn a_process_ends_with_its_input() {
    let (mut child, input, mut output) = speaking();
    drop(input);
    let mut text = String::new();
    output.read_to_string(&mut text).unwrap();
    assert!(text.contains("\nBEGIN\nEND\n"), "{text}");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_process_ends_when_nobody_reads_what_it_writes() {
    let (mut child, mut input, output) = speaking();
    let mut lines = std::io::BufReader::new(output).lines().map(Result::unwrap);
    assert!(lines.any(|line| line == "BEGIN"));
    writeln!(input, "{}", message("ping", "")).unwrap();
    assert_eq!(lines.next().as_deref(), Some(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#));
    drop(lines);
    // One that never ends, and one that has an answer at once.
    writeln!(input, "{}\n{}", wait("2"), message("ping", "")).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(BROKEN_PIPE));
    drop(input);
}

#[test]
fn only_messages_go_to_stdout() {
    let (mut child, mut input, mut stdout) = speaking();
    writeln!(input, "{}", modern_message("tools/call", r#""name":"panic_async""#)).unwrap();
    drop(input);
    let (mut output, mut log) = (String::new(), String::new());
    stdout.read_to_string(&mut output).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert!(child.wait().unwrap().success());
    let (_, output) = output.split_once("BEGIN\n").unwrap();
    let (output, _) = output.split_once("END\n").unwrap();
    assert_eq!(
        output,
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32603,\"message\":\"The tool panicked\"}}\n"
    );
    assert!(log.contains("the tool panicked") && log.contains("secret of the async tool"), "{log}");
}

#[tokio::test]
async fn changes_are_told_to_clients_of_every_version() {
    let stdio = Stdio::new(Workshop::new().0);
    let changes = stdio.changes();
    let mut client = Client::of(stdio);
    // A modern client listens, and is told that this ends.
    client.write(&modern_message("subscriptions/listen", r#""notifications":{"toolsListChanged":true}"#)).await;
    let meta = r#""_meta":{"io.modelcontextprotocol/subscriptionId":1}"#;
    let told = |method: &str, more: &str| {
        format!(r#"{{"jsonrpc":"2.0","method":"notifications/{method}","params":{{{meta}{more}}}}}"#)
    };
    let acknowledged = told("subscriptions/acknowledged", r#","notifications":{"toolsListChanged":true}"#);
    assert_eq!(client.read().await, Some(acknowledged));
    assert!(changes.disable_tool("wait"));
    assert_eq!(client.read().await, Some(told("tools/list_changed", "")));
    assert_eq!(
        client.finish().await,
        [format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"resultType":"complete",{meta}}}}}"#)]
    );

    // An older one hears of lists once it is ready.
    let stdio = Stdio::new(Workshop::new().0);
    let changes = stdio.changes();
    let mut client = Client::of(stdio);
    let handshake = r#""protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"x","version":"1"}"#;
    client.ask(&message("initialize", handshake)).await;
    changes.tools_changed();
    client.write(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#).await;
    let changed = r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#;
    assert_eq!(client.read().await.as_deref(), Some(changed));
    // However often it says so, and however often it begins anew, it is told once.
    for _ in 0..2 {
        client.ask(&message("initialize", handshake)).await;
        for _ in 0..100 {
            client.write(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#).await;
        }
        client.ask(&message("ping", "")).await;
        changes.tools_changed();
        assert_eq!(client.read().await.as_deref(), Some(changed));
    }
    assert!(client.finish().await.is_empty());
}

#[tokio::test]
async fn a_client_hears_of_so_many_resources() {
    let stdio = || Stdio::new(Room::new().0);
    for (stdio, limit) in [(stdio(), 1000), (stdio().limits(limits(|limits| limits.streams.subscriptions = 2)), 2)] {
        let mut client = Client::of(stdio);
        let uris: Vec<_> = (0..=limit).map(|n| format!(r#""notes://{n}""#)).collect();
        let listen = format!(r#""notifications":{{"resourceSubscriptions":[{}]}}"#, uris.join(","));
        let refused = client.ask(&modern_message("subscriptions/listen", &listen)).await;
        let why = format!("has {} resources; this server takes {limit} at once", limit + 1);
        assert!(refused.contains(&why), "{refused}");
        client.ask(&initialize("2025-11-25")).await;
        for uri in &uris[..limit] {
            let subscribed = client.ask(&message("resources/subscribe", &format!(r#""uri":{uri}"#))).await;
            assert_eq!(subscribed, r#"{"jsonrpc":"2.0","id":1,"result":{}}"#);
        }
        let refused = client.ask(&message("resources/subscribe", &format!(r#""uri":{}"#, uris[limit]))).await;
        assert!(refused.contains(&format!("there are {limit} subscriptions already")), "{refused}");
    }
}

#[tokio::test]
async fn so_many_messages_wait_for_a_client() {
    let defaults: fn(Stdio<Room>) -> Stdio<Room> = |stdio| stdio;
    for (set, limit) in
        [(defaults, 1024), (|stdio| stdio.limits(limits(|limits| limits.streams.queued_messages = 3)), 3)]
    {
        let (room, mut observer) = Room::new();
        let mut client = Client::of(set(Stdio::new(room)));
        client.ask(&initialize("2025-11-25")).await;
        let params = format!(r#""name":"wait","arguments":{{"say":{}}},"_meta":{{"progressToken":"p"}}"#, limit + 2);
        client.write(&message("tools/call", &params)).await;
        assert_eq!(observer.events.recv().await, Some("waiting"));
        observer.release.notify_one();
        let mut told = 0;
        while client.read().await.expect("a message").contains("notifications/progress") {
            told += 1;
        }
        // What it said at the end found room again.
        assert_eq!(told, limit + 1);
    }
}
