//! An answer that is valid once is used once over all instances.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use mcp::testing::{SimulatedBackplane, SimulatedConnection};
use mcp::{Context, Error, Http};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::newer::newer;
use super::{assert_try_again, seeds};
use crate::support::client::{post, send};
use crate::support::schema::MODERN;

const USED: &str = "the answer to `confirm` was used before; start anew";

struct Safe {
    opened: Arc<AtomicUsize>,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Confirmation {
    #[expect(dead_code, reason = "each answer will do")]
    ok: bool,
}

#[mcp::server(name = "safe", version = "1")]
impl Safe {
    /// Open the safe, once for each answer.
    #[mcp::tool]
    async fn open(&self, cx: &Context) -> Result<&'static str, Error> {
        cx.elicit::<Confirmation>("confirm", "Open?").once().await?;
        self.opened.fetch_add(1, Ordering::SeqCst);
        Ok("opened")
    }
}

/// One instance of the safe.
struct SafeInstance {
    app: Router,
    connection: SimulatedConnection,
}

/// Instances with keys of these bytes, and the number of times that the safe was opened.
fn safes(engine: &SimulatedBackplane, keys: [&[u8]; 3], in_outages: bool) -> ([SafeInstance; 3], Arc<AtomicUsize>) {
    let opened = Arc::default();
    let instances = keys.map(|keys| {
        let connection = engine.connect();
        let http = Http::open(Safe { opened: Arc::clone(&opened) })
            .single_use_in_outages(in_outages)
            .replicas(connection.clone(), keys.iter().map(|byte| [*byte; 32]));
        SafeInstance { app: http.router(), connection }
    });
    (instances, opened)
}

impl SafeInstance {
    async fn call(&self, further: Value) -> String {
        let mut params = json!({"name": "open", "arguments": {}, "_meta": {
            "io.modelcontextprotocol/protocolVersion": MODERN,
            "io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}}},
        }});
        params.as_object_mut().expect("an object").extend(further.as_object().expect("an object").clone());
        let headers = [("mcp-protocol-version", MODERN), ("mcp-method", "tools/call"), ("mcp-name", "open")];
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
        send(&self.app, post(&headers, body.to_string())).await
    }

    /// Calls the tool, and returns the members with an answer.
    async fn asked(&self) -> Value {
        let response = self.call(json!({})).await;
        let (_, body) = response.split_once("\n\n").expect("a body");
        let body: Value = serde_json::from_str(body).expect("JSON");
        let answer = json!({"action": "accept", "content": {"ok": true}});
        json!({"requestState": body["result"]["requestState"], "inputResponses": {"confirm": answer}})
    }
}

fn is_opened(response: &str) -> bool {
    response.starts_with("200 ") && response.contains("opened")
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_used_at_one_instance() {
    // All keys, and each pair of instances while a key is replaced.
    let all: [&[u8]; 3] = [&[7]; 3];
    for keys in [all, [&[1], &[1], &[1, 2]], [&[1, 2], &[2, 1], &[1, 2]], [&[2, 1], &[2], &[2, 1]]] {
        let engine = SimulatedBackplane::new();
        let ([first, second, third], opened) = safes(&engine, keys, false);
        let answer = first.asked().await;
        let (here, there) = tokio::join!(second.call(answer.clone()), third.call(answer.clone()));
        assert!(is_opened(&here) ^ is_opened(&there), "{here} {there}");
        for instance in [&first, &second, &third] {
            let again = instance.call(answer.clone()).await;
            assert!(again.contains("-32602") && again.contains(USED), "{again}");
        }
        assert_eq!(opened.load(Ordering::SeqCst), 1);
        // An instance that starts later knows the use, and redeems what was sealed before.
        let (used, unused) = (answer, second.asked().await);
        let ([_, later, _], _) = safes(&engine, keys, false);
        assert!(later.call(used).await.contains(USED));
        assert!(is_opened(&later.call(unused.clone()).await));
        assert!(second.call(unused).await.contains(USED));
    }
}

#[tokio::test(start_paused = true)]
async fn without_the_engine_an_answer_waits_unless_the_operator_says_otherwise() {
    let engine = SimulatedBackplane::new();
    let ([first, second, third], opened) = safes(&engine, [&[7]; 3], false);
    let answer = first.asked().await;
    engine.stop();
    for instance in [&first, &second] {
        let asked = Instant::now();
        assert_try_again(&instance.call(answer.clone()).await, asked);
    }
    engine.resume();
    second.connection.cut();
    let asked = Instant::now();
    assert_try_again(&second.call(answer.clone()).await, asked);
    assert_eq!(opened.load(Ordering::SeqCst), 0);
    assert!(is_opened(&first.call(answer.clone()).await), "nothing was used");
    assert!(third.call(answer.clone()).await.contains(USED));

    let engine = SimulatedBackplane::new();
    let ([first, second, _], opened) = safes(&engine, [&[7]; 3], true);
    let answer = first.asked().await;
    engine.stop();
    for instance in [&first, &second] {
        assert!(is_opened(&instance.call(answer.clone()).await));
        assert!(instance.call(answer.clone()).await.contains(USED), "its own memory");
    }
    assert_eq!(opened.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn a_use_by_a_newer_version_is_one() {
    let engine = SimulatedBackplane::new();
    let ([first, ..], opened) = safes(&engine, [&[7]; 3], false);
    let http = Http::open(Safe { opened: Arc::clone(&opened) }).replicas(newer(&engine).0, [[7; 32]]);
    let older = SafeInstance { app: http.router(), connection: engine.connect() };
    let answer = first.asked().await;
    assert!(is_opened(&first.call(answer.clone()).await));
    assert!(older.call(answer).await.contains(USED));
    assert_eq!(opened.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_used_once_whatever_the_engine_loses() {
    for seed in seeds() {
        let (instances, opened) = safes(&SimulatedBackplane::with_faults(seed, 20), [&[7]; 3], false);
        let answer = instances[0].asked().await;
        let until_known = async |instance: &SafeInstance| {
            loop {
                let asked = Instant::now();
                let response = instance.call(answer.clone()).await;
                if response.starts_with("503 ") {
                    assert_try_again(&response, asked);
                    sleep(Duration::from_millis(10)).await;
                } else {
                    return response;
                }
            }
        };
        let [first, second, third] = &instances;
        let (a, b, c) = tokio::join!(until_known(first), until_known(second), until_known(third));
        let taken = [&a, &b, &c].into_iter().filter(|response| is_opened(response)).count();
        // None at all, if the use of a request was stored that got a 503.
        assert!(taken <= 1, "seed {seed}: {a} {b} {c}");
        assert_eq!(opened.load(Ordering::SeqCst), taken, "seed {seed}");
        assert!(until_known(first).await.contains(USED), "seed {seed}");
    }
}
