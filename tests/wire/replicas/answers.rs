//! An answer reaches the instance that asked, and a cancellation the one that runs the request.

use mcp::testing::SimulatedBackplane;
use serde_json::Value;
use tokio::time::Instant;

use super::{assert_try_again, room_instances, seeds};
use crate::support::session::Client;
use crate::support::stream::Stream;

const TAKEN: &str = "202 Accepted\n\n";

const UNKNOWN: &str = "400 Bad Request\ncontent-type: application/json\n\n{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600,\"message\":\"Invalid request: no question with this `id` waits for an answer\"}}";

/// Calls the tool that asks for folders. Returns its stream and the id of its question, as JSON.
async fn question(client: &Client) -> (Stream, String) {
    let mut stream = client.open(client.call(7, "folders", "{}")).await;
    let message: Value = serde_json::from_str(&stream.any_message().await).expect("JSON");
    assert_eq!(message["method"], "roots/list");
    (stream, message["id"].to_string())
}

/// Sends an answer with one folder.
async fn answer(client: &Client, id: &str, folder: &str) -> String {
    let result = format!(r#"{{"roots":[{{"uri":"file:///{folder}"}}]}}"#);
    client.send(client.post(format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#))).await
}

fn result(folder: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":7,"result":{{"content":[{{"type":"text","text":"file:///{folder}"}}]}}}}"#)
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_taken_at_any_instance_and_once() {
    let [first, second, third] = room_instances(&SimulatedBackplane::new());
    for version in ["2025-06-18", "2025-11-25"] {
        let client = Client::connect(&first.app, version, "alice-token").await;
        let (mut stream, id) = question(&client).await;
        // Neither another caller, nor another session, nor a made-up id.
        let bob = Client::connect(&second.app, version, "bob-token").await;
        assert_eq!(answer(&bob, &id, "bob").await, UNKNOWN);
        let intruder = Client { token: "bob-token", ..second.serve(&client) };
        assert!(answer(&intruder, &id, "bob").await.starts_with("404 "));
        let other = Client::connect(&second.app, version, "alice-token").await;
        assert_eq!(answer(&other, &id, "other").await, UNKNOWN);
        for made_up in ["1", "\"1\"", &id.replace("\"A", "\"B")] {
            assert_eq!(answer(&second.serve(&client), made_up, "x").await, UNKNOWN, "{made_up}");
        }
        assert_eq!(answer(&second.serve(&client), &id, "home").await, TAKEN);
        assert_eq!(stream.any_message().await, result("home"));
        for instance in [&first, &second, &third] {
            assert_eq!(answer(&instance.serve(&client), &id, "home").await, TAKEN, "a repetition has no effect");
            assert_eq!(answer(&instance.serve(&client), &id, "away").await, UNKNOWN);
        }
        // An answer that does not fit is refused where it arrives, and fails the call.
        let (mut stream, id) = question(&client).await;
        let wrong = second.serve(&client);
        let refused = wrong.send(wrong.post(format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"roots":1}}}}"#))).await;
        assert!(refused.starts_with("400 ") && refused.contains("-32602"), "{refused}");
        let failed = stream.any_message().await;
        assert!(failed.contains("the answer to `roots`"), "{failed}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_of_two_answers_is_taken_whatever_the_engine_loses() {
    for seed in seeds() {
        let [first, second, third] = room_instances(&SimulatedBackplane::with_faults(seed, 20));
        let client = Client::connect(&first.app, "2025-11-25", "alice-token").await;
        let (mut stream, id) = question(&client).await;
        let until_known = async |instance: Client, folder| {
            loop {
                let asked = Instant::now();
                let response = answer(&instance, &id, folder).await;
                if response == TAKEN || response == UNKNOWN {
                    return (folder, response == TAKEN);
                }
                assert_try_again(&response, asked);
            }
        };
        let outcomes = tokio::join!(until_known(second.serve(&client), "b"), until_known(third.serve(&client), "c"));
        let taken = match outcomes {
            ((taken, true), (_, false)) | ((_, false), (taken, true)) => taken,
            both => panic!("seed {seed}: {both:?}"),
        };
        assert_eq!(stream.any_message().await, result(taken), "seed {seed}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_the_engine_an_answer_is_taken_by_the_instance_that_asked_alone() {
    let engine = SimulatedBackplane::new();
    let [first, second, _] = room_instances(&engine);
    let client = Client::connect(&first.app, "2025-11-25", "alice-token").await;
    let (mut stream, id) = question(&client).await;
    engine.stop();
    let asked = Instant::now();
    assert_try_again(&answer(&second.serve(&client), &id, "home").await, asked);
    assert_eq!(answer(&client, &id, "home").await, TAKEN);
    assert_eq!(stream.any_message().await, result("home"));
    engine.resume();
    assert_eq!(answer(&second.serve(&client), &id, "home").await, TAKEN, "the same answer again");
}

#[tokio::test(start_paused = true)]
async fn a_request_is_cancelled_at_any_instance() {
    let engine = SimulatedBackplane::new();
    let [mut first, second, _] = room_instances(&engine);
    let client = Client::connect(&first.app, "2025-11-25", "alice-token").await;
    let mut stream = client.open(client.call(7, "wait", r#"{"say":1}"#)).await;
    stream.any_message().await;
    assert_eq!(first.observer.events.recv().await, Some("waiting"));
    let cancel = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}"#;
    let bob = Client::connect(&second.app, "2025-11-25", "bob-token").await;
    assert_eq!(bob.send(bob.post(cancel)).await, TAKEN);
    engine.stop();
    let asked = Instant::now();
    assert_eq!(second.serve(&client).send(client.post(cancel)).await, TAKEN, "best effort");
    assert!(asked.elapsed() <= super::RESPONSE);
    engine.resume();
    let pinged = client.send(client.request(8, "ping", "")).await;
    assert!(pinged.starts_with("200 "), "{pinged}");
    assert!(first.observer.events.try_recv().is_err(), "it still runs");
    assert_eq!(second.serve(&client).send(client.post(cancel)).await, TAKEN);
    assert_eq!(first.observer.events.recv().await, Some("dropped"));
    assert_eq!(stream.next().await, None);
}
