//! The state that a client keeps for a request that asks it: nobody else can use it, nor for anything else, nor for
//! long, nor twice where that matters.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use mcp::{AccessToken, Answer, Context, Error, Http, PromptMessage, Sampling, StaticTokens};
use serde_json::{Value, json};

use crate::support::client::{deliver, post, unchecked};
use crate::support::clock::pass;
use crate::support::log::Log;
use crate::support::schema::MODERN;
use crate::support::servers::limits;

struct Bank;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Confirmation {
    confirm: bool,
}

#[mcp::server(
    name = "bank",
    version = "1",
    issuer = "https://auth.example.com",
    resource = "http://127.0.0.1:8000/mcp",
    scopes = ["pay"],
)]
impl Bank {
    /// Pay somebody.
    #[mcp::tool]
    async fn pay(&self, to: String, amount: u64, cx: &Context) -> Result<String, Error> {
        let first = cx.elicit::<Confirmation>("first", format!("Pay {amount} to {to}?")).await?;
        let second = cx.elicit::<Confirmation>("second", "Really?").await?;
        let sure = [first, second].into_iter().all(|answer| answer.accepted().is_some_and(|answer| answer.confirm));
        Ok(format!("{sure}"))
    }

    /// Give something, once for each answer.
    #[mcp::tool]
    async fn donate(&self, cx: &Context) -> Result<String, Error> {
        let answer = cx.elicit::<Confirmation>("confirm", "Give?").once().await?;
        Ok(format!("{}", is_confirmed(answer)))
    }

    /// Pay somebody back.
    #[mcp::tool]
    async fn refund(&self, to: String, amount: u64, cx: &Context) -> Result<String, Error> {
        self.pay(to, amount, cx).await
    }

    /// Explain a payment.
    #[mcp::prompt]
    async fn explain(&self, topic: String, cx: &Context) -> Result<Vec<PromptMessage>, Error> {
        cx.elicit::<Confirmation>("first", "Explain?").await?;
        cx.elicit::<Confirmation>("second", "Really?").await?;
        Ok(vec![PromptMessage::user(topic)])
    }

    /// An account.
    #[mcp::resource("bank://{account}")]
    async fn account(&self, account: String, cx: &Context) -> Result<String, Error> {
        cx.elicit::<Confirmation>("first", "Show?").await?;
        cx.elicit::<Confirmation>("second", "Really?").await?;
        Ok(format!("account {account}"))
    }

    /// Known accounts.
    #[mcp::completion(resource = "bank://{account}", argument = "account")]
    async fn accounts(&self, account: String, cx: &Context) -> Result<Vec<String>, Error> {
        cx.elicit::<Confirmation>("first", "Complete?").await?;
        Ok(vec![account])
    }
}

fn bank() -> Http<Bank, mcp::Bearer<StaticTokens>> {
    let token = |client: &str| AccessToken::ours(client).with_scopes(["pay"]);
    let tokens = StaticTokens::new([
        ("alice-token", token("app").with_subject("alice")),
        ("alices-other-token", token("app").with_subject("alice").with_scopes(["pay", "more"])),
        ("bob-token", token("app").with_subject("bob")),
        ("other-app-token", token("other").with_subject("alice")),
    ]);
    Http::protected(Bank, tokens)
}

/// A call of a client that asks its caller.
#[derive(Clone)]
struct Asked {
    token: &'static str,
    method: &'static str,
    params: Value,
}

fn payment() -> Asked {
    Asked {
        token: "alice-token",
        method: "tools/call",
        params: json!({"name": "pay", "arguments": {"to": "bob", "amount": 7}}),
    }
}

async fn ask(app: &Router, asked: &Asked, further: Value) -> Value {
    read(deliver(app, request(asked, further)).await).await
}

/// Sends answers that are none to any question of the protocol.
async fn ask_unchecked(app: &Router, asked: &Asked, further: Value) -> Value {
    read(deliver(app, unchecked(request(asked, further))).await).await
}

fn request(asked: &Asked, further: Value) -> Request<Body> {
    let mut params = asked.params.clone();
    params.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": {
            "elicitation": {"form": {}, "url": {}}, "sampling": {}, "roots": {},
        },
    });
    let bearer = format!("Bearer {}", asked.token);
    let name = params["name"].as_str().or(params["uri"].as_str()).unwrap_or_default().to_owned();
    let headers = [
        ("authorization", &*bearer),
        ("mcp-protocol-version", MODERN),
        ("mcp-method", asked.method),
        ("mcp-name", &*name),
    ];
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": asked.method, "params": params});
    post(&headers, body.to_string())
}

async fn read(response: Response<Body>) -> Value {
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{error}: {body:?}"))
}

fn confirm() -> Value {
    json!({"action": "accept", "content": {"confirm": true}})
}

/// The state after the first of two answers.
async fn half_done(app: &Router, asked: &Asked) -> Value {
    let first = ask(app, asked, json!({})).await["result"].take();
    let further = json!({"requestState": first["requestState"], "inputResponses": {"first": confirm()}});
    let second = ask(app, asked, further).await["result"].take();
    assert_eq!(second["inputRequests"].as_object().expect("a question").keys().collect::<Vec<_>>(), ["second"]);
    second["requestState"].clone()
}

/// The last round.
async fn finish(app: &Router, asked: &Asked, state: &Value) -> Value {
    ask(app, asked, json!({"requestState": state, "inputResponses": {"second": confirm()}})).await
}

fn refused() -> Value {
    json!({"code": -32602, "message": "Invalid params: `requestState` is not valid for this request; start anew"})
}

#[tokio::test]
async fn tools_prompts_and_resources_ask_and_completions_do_not() {
    let app = bank().router();
    let prompt = json!({"name": "explain", "arguments": {"topic": "interest"}});
    for (method, params, path, expected) in [
        ("tools/call", payment().params, "/content/0/text", "true"),
        ("prompts/get", prompt, "/messages/0/content/text", "interest"),
        ("resources/read", json!({"uri": "bank://7"}), "/contents/0/text", "account 7"),
    ] {
        let asked = Asked { method, params, ..payment() };
        let state = half_done(&app, &asked).await;
        let answer = finish(&app, &asked, &state).await;
        assert_eq!(answer["result"].pointer(path).unwrap_or_else(|| panic!("{answer}")), expected);
    }
    let reference = json!({"type": "ref/resource", "uri": "bank://{account}"});
    let params = json!({"ref": reference, "argument": {"name": "account", "value": "7"}});
    let answer = ask(&app, &Asked { method: "completion/complete", params, ..payment() }, json!({})).await;
    assert_eq!(
        answer["error"],
        json!({"code": -32603, "message": "Only a tool, a prompt or a resource can ask the client"})
    );
}

#[tokio::test]
async fn a_state_is_good_for_its_caller_and_its_request_only() {
    let app = bank().router();
    let state = half_done(&app, &payment()).await;
    let with = |change: fn(&mut Asked)| {
        let mut asked = payment();
        change(&mut asked);
        asked
    };
    for asked in [
        with(|asked| asked.token = "bob-token"),
        with(|asked| asked.token = "other-app-token"),
        with(|asked| asked.params["arguments"]["amount"] = 8.into()),
        with(|asked| asked.params["arguments"]["to"] = "eve".into()),
        with(|asked| asked.params["name"] = "refund".into()),
        Asked { method: "resources/read", params: json!({"uri": "bank://7"}), ..payment() },
    ] {
        let answer = finish(&app, &asked, &state).await;
        assert_eq!(answer["error"], refused(), "{} {}", asked.token, asked.params);
    }
    // Another token of the same caller, and the state once more.
    for asked in [payment(), with(|asked| asked.token = "alices-other-token"), payment()] {
        assert_eq!(finish(&app, &asked, &state).await["result"]["content"][0]["text"], "true");
    }
}

#[tokio::test]
async fn a_forged_state_is_refused_like_any_other() {
    let app = bank().router();
    let state = half_done(&app, &payment()).await;
    let text = state.as_str().expect("a text");
    let mut forged =
        vec![String::new(), "e30".to_owned(), format!("{text}-TAMPERED"), text[1..].to_owned(), "A".repeat(300_000)];
    for index in (0..text.len()).step_by(16) {
        let replacement = if &text[index..=index] == "A" { "B" } else { "A" };
        forged.push(format!("{}{replacement}{}", &text[..index], &text[index + 1..]));
    }
    for state in forged {
        assert_eq!(finish(&app, &payment(), &json!(state)).await["error"], refused(), "{state}");
    }
}

#[tokio::test]
async fn instances_with_the_same_keys_take_turns() {
    let (old, new) = ([1; 32], [2; 32]);
    let before = bank().state_keys([old]).router();
    let between = bank().state_keys([new, old]).router();
    let after = bank().state_keys([new]).router();
    let from_before = half_done(&before, &payment()).await;
    let from_between = half_done(&between, &payment()).await;
    for (app, state, is_good) in [
        (&before, &from_before, true),
        (&between, &from_before, true),
        (&after, &from_before, false),
        (&before, &from_between, false),
        (&after, &from_between, true),
        (&bank().router(), &from_before, false),
    ] {
        let answer = finish(app, &payment(), state).await;
        assert_eq!(answer["error"].is_null(), is_good, "{answer}");
    }
}

/// Several instances without shared keys are the usual mistake.
#[tokio::test]
async fn a_state_of_other_keys_is_a_warning_that_names_the_setting() {
    let (app, other) = (bank().router(), bank().router());
    let state = half_done(&other, &payment()).await;
    let text = state.as_str().expect("a text");
    let log = Log::start();
    // What no server has written, or somebody has changed, is none of the operator's business.
    let ours = half_done(&app, &payment()).await;
    let ours = ours.as_str().expect("a text");
    for rubbish in ["", "e30", "AQAAAAA", &text[1..], &text[..20], &format!("{text}="), &format!("{ours}-TAMPERED")] {
        assert_eq!(finish(&app, &payment(), &json!(rubbish)).await["error"], refused());
    }
    assert!(!log.text().contains("state_keys"), "{}", log.text());
    let warnings =
        || log.text().lines().filter(|line| line.contains("`state_keys`")).map(str::to_owned).collect::<Vec<_>>();
    for _ in 0..100 {
        assert_eq!(finish(&app, &payment(), &state).await["error"], refused());
    }
    let [first] = &*warnings() else { panic!("{}", log.text()) };
    assert!(first.contains("WARN") && first.contains("purpose=\"requestState\" suppressed=0"), "{first}");
    assert!(!log.text().contains(text), "the text is nobody's business");
    pass(Duration::from_secs(10)).await;
    assert_eq!(finish(&app, &payment(), &state).await["error"], refused());
    assert!(warnings()[1].contains("suppressed=99"), "{}", log.text());
}

#[tokio::test]
async fn a_state_is_good_for_some_time() {
    let app = bank().limits(limits(|limits| limits.state.lifetime = Duration::ZERO)).router();
    let first = ask(&app, &payment(), json!({})).await["result"].take();
    let answer = finish(&app, &payment(), &first["requestState"]).await;
    assert_eq!(answer["error"], refused());
}

#[tokio::test]
async fn a_state_has_a_longest_length() {
    let app = bank().limits(limits(|limits| limits.state.bytes = 300)).router();
    let first = ask(&app, &payment(), json!({})).await["result"].take();
    assert!(first["requestState"].as_str().expect("a text").len() <= 300);
    let further = json!({"requestState": first["requestState"], "inputResponses": {"first": confirm()}});
    let answer = ask(&app, &payment(), further).await;
    assert_eq!(
        answer["error"],
        json!({"code": -32602, "message": "Invalid params: the answers are longer than 300 bytes together"})
    );
}

/// The question depends on what there is.
#[derive(Default)]
struct Shelf {
    notes: Arc<AtomicUsize>,
    deletions: Arc<AtomicUsize>,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Reason {
    #[expect(dead_code, reason = "that it is given is enough")]
    reason: String,
}

impl Shelf {
    fn delete(&self) -> String {
        self.deletions.fetch_add(1, Ordering::SeqCst);
        format!("Deleted {}", self.notes.load(Ordering::SeqCst))
    }
}

/// Whatever it is.
fn is_answered<T>(_: T) {}

fn is_confirmed(answer: Answer<Confirmation>) -> bool {
    answer.accepted().is_some_and(|answer| answer.confirm)
}

#[mcp::server]
impl Shelf {
    /// Delete every note.
    #[mcp::tool(destructive)]
    async fn clear(&self, cx: &Context) -> Result<String, Error> {
        let question = format!("Delete {}?", self.notes.load(Ordering::SeqCst));
        let sure = is_confirmed(cx.elicit("confirm", question).await?);
        cx.elicit::<Confirmation>("last", "Really?").await?;
        Ok(if sure { self.delete() } else { "Kept".to_owned() })
    }

    /// Ask something of another kind for every number of notes.
    #[mcp::tool]
    async fn inspect(&self, cx: &Context) -> Result<String, Error> {
        match self.notes.load(Ordering::SeqCst) {
            0 => is_answered(cx.elicit::<Confirmation>("key", "Go on?").await?),
            1 => is_answered(cx.elicit::<Reason>("key", "Go on?").await?),
            2 => is_answered(cx.elicit_url("key", "Go on?", "https://example.com/a").await?),
            3 => is_answered(cx.elicit_url("key", "Go on?", "https://example.com/b").await?),
            4 => is_answered(cx.sample("key", Sampling::new(10).user("Go on?")).await?),
            5 => is_answered(cx.sample("key", Sampling::new(20).user("Go on?")).await?),
            _ => is_answered(cx.list_roots("key").await?),
        }
        Ok("answered".to_owned())
    }

    /// Delete every note, once for each answer.
    #[mcp::tool(destructive)]
    async fn clear_once(&self, cx: &Context) -> Result<String, Error> {
        let sure = is_confirmed(cx.elicit("confirm", "Delete all?").once().await?);
        // Others get on meanwhile.
        tokio::task::yield_now().await;
        Ok(if sure { self.delete() } else { "Kept".to_owned() })
    }

    /// Ask two things at once, and something else afterwards.
    #[mcp::tool(destructive)]
    async fn clear_carefully(&self, cx: &Context) -> Result<String, Error> {
        let (_, sure) =
            cx.ask((cx.elicit::<Confirmation>("first", "Go on?"), cx.elicit("confirm", "Delete all?").once())).await?;
        cx.elicit::<Confirmation>("last", "Really?").await?;
        Ok(if is_confirmed(sure) { self.delete() } else { "Kept".to_owned() })
    }
}

fn tool(name: &str) -> Asked {
    Asked { params: json!({"name": name, "arguments": {}}), ..payment() }
}

/// The state and the questions of a round.
async fn round(app: &Router, asked: &Asked, state: &Value, responses: Value) -> (Value, Value) {
    let further = if state.is_null() { json!({}) } else { json!({"requestState": state, "inputResponses": responses}) };
    let mut answer = ask(app, asked, further).await;
    assert_eq!(answer["result"]["resultType"], "input_required", "{answer}");
    (answer["result"]["requestState"].take(), answer["result"]["inputRequests"].take())
}

#[tokio::test]
async fn a_yes_to_three_is_none_to_three_thousand() {
    let shelf = Shelf::default();
    let (notes, deletions) = (Arc::clone(&shelf.notes), Arc::clone(&shelf.deletions));
    let (app, clear) = (Http::open(shelf).router(), tool("clear"));
    notes.store(3, Ordering::SeqCst);
    let (state, questions) = round(&app, &clear, &Value::Null, json!({})).await;
    assert_eq!(questions["confirm"]["params"]["message"], "Delete 3?");
    notes.store(3000, Ordering::SeqCst);
    let (state, questions) = round(&app, &clear, &state, json!({"confirm": confirm()})).await;
    assert_eq!(questions["confirm"]["params"]["message"], "Delete 3000?");
    let (state, questions) = round(&app, &clear, &state, json!({"confirm": confirm()})).await;
    assert_eq!(questions["last"]["params"]["message"], "Really?");
    // Nor is one that the state has kept.
    notes.store(4, Ordering::SeqCst);
    let (state, questions) = round(&app, &clear, &state, json!({"last": confirm()})).await;
    assert_eq!(questions["confirm"]["params"]["message"], "Delete 4?");
    // Nor one to what was not asked yet.
    let both = json!({"confirm": confirm(), "last": confirm()});
    let (state, questions) = round(&app, &clear, &state, both).await;
    assert_eq!(questions.as_object().expect("questions").keys().collect::<Vec<_>>(), ["last"]);
    assert_eq!(deletions.load(Ordering::SeqCst), 0);
    let answer = ask(&app, &clear, json!({"requestState": state, "inputResponses": {"last": confirm()}})).await;
    assert_eq!(answer["result"]["content"][0]["text"], "Deleted 4");
}

#[tokio::test]
async fn an_answer_is_one_to_a_question_of_its_kind() {
    let shelf = Shelf::default();
    let notes = Arc::clone(&shelf.notes);
    let (app, inspect) = (Http::open(shelf).router(), tool("inspect"));
    // It would do for each of them.
    let response = json!({
        "action": "accept", "content": {"confirm": true, "reason": "because"}, "roots": [],
        "role": "assistant", "model": "m",
    });
    for before in 0..=6 {
        for now in 0..=6 {
            notes.store(before, Ordering::SeqCst);
            let (state, _) = round(&app, &inspect, &Value::Null, json!({})).await;
            notes.store(now, Ordering::SeqCst);
            let mut response = response.clone();
            // What a page and a model answer has no place in the others.
            match now {
                2 | 3 => drop(response["content"].take()),
                4 | 5 => response["content"] = json!({"type": "text", "text": "Yes"}),
                _ => {}
            }
            let further = json!({"requestState": state, "inputResponses": {"key": response}});
            let answer = ask_unchecked(&app, &inspect, further).await;
            let is_answered = answer["result"]["content"][0]["text"] == "answered";
            assert_eq!(is_answered, before == now, "{before} {now} {answer}");
            assert_eq!(answer["result"]["resultType"] == "input_required", before != now, "{before} {now} {answer}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_is_good_once_is_refused_the_second_time() {
    let shelf = Shelf::default();
    let deletions = Arc::clone(&shelf.deletions);
    let (app, clear) = (Http::open(shelf).router(), tool("clear_once"));
    let used = json!({
        "code": -32602, "message": "Invalid params: the answer to `confirm` was used before; start anew",
    });
    let responses = json!({"confirm": confirm()});
    // Without a state, it could be brought again and again.
    let answer = ask(&app, &clear, json!({"inputResponses": responses})).await;
    assert_eq!(answer["result"]["resultType"], "input_required");
    for run in 1..=2 {
        let (state, _) = round(&app, &clear, &Value::Null, json!({})).await;
        let further = json!({"requestState": state, "inputResponses": responses});
        let answer = ask(&app, &clear, further.clone()).await;
        assert_eq!(answer["result"]["content"][0]["text"], "Deleted 0");
        for _ in 0..3 {
            assert_eq!(ask(&app, &clear, further.clone()).await["error"], used);
        }
        assert_eq!(deletions.load(Ordering::SeqCst), run);
    }
    // A no is an answer as well.
    let (state, _) = round(&app, &clear, &Value::Null, json!({})).await;
    let no = json!({"requestState": state, "inputResponses": {"confirm": {"action": "decline"}}});
    assert_eq!(ask(&app, &clear, no).await["result"]["content"][0]["text"], "Kept");
    let yes = json!({"requestState": state, "inputResponses": responses});
    assert_eq!(ask(&app, &clear, yes).await["error"], used);
}

#[tokio::test]
async fn an_answer_that_is_good_once_stays_so_through_the_rounds() {
    let shelf = Shelf::default();
    let deletions = Arc::clone(&shelf.deletions);
    let (app, clear) = (Http::open(shelf).router(), tool("clear_carefully"));
    let (first, _) = round(&app, &clear, &Value::Null, json!({})).await;
    let confirmed = json!({"confirm": confirm()});
    let (second, questions) = round(&app, &clear, &first, confirmed.clone()).await;
    assert_eq!(questions.as_object().expect("questions").keys().collect::<Vec<_>>(), ["first"]);
    let (third, questions) = round(&app, &clear, &second, json!({"first": confirm()})).await;
    assert_eq!(questions.as_object().expect("questions").keys().collect::<Vec<_>>(), ["last"]);
    // Each of these would have given another state that is not used yet.
    for (state, responses) in [(&first, confirmed), (&second, json!({"first": confirm()}))] {
        let answer = ask(&app, &clear, json!({"requestState": state, "inputResponses": responses})).await;
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
    }
    let last = json!({"requestState": third, "inputResponses": {"last": confirm()}});
    assert_eq!(ask(&app, &clear, last.clone()).await["result"]["content"][0]["text"], "Deleted 0");
    assert_eq!(ask(&app, &clear, last).await["error"]["code"], -32602);
    assert_eq!(deletions.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_attempts_at_once_one_goes_on() {
    let shelf = Shelf::default();
    let deletions = Arc::clone(&shelf.deletions);
    let (app, clear) = (Http::open(shelf).router(), tool("clear_once"));
    for run in 1..=20 {
        let (state, _) = round(&app, &clear, &Value::Null, json!({})).await;
        let further = json!({"requestState": state, "inputResponses": {"confirm": confirm()}});
        let attempts: Vec<_> = (0..8)
            .map(|_| {
                let (app, clear, further) = (app.clone(), clear.clone(), further.clone());
                tokio::spawn(async move { ask(&app, &clear, further).await })
            })
            .collect();
        let mut went_on = 0;
        for attempt in attempts {
            went_on += usize::from(attempt.await.expect("no panic")["error"].is_null());
        }
        assert_eq!((went_on, deletions.load(Ordering::SeqCst)), (1, run));
    }
}

#[tokio::test]
async fn what_cannot_be_remembered_is_not_done() {
    let shelf = Shelf::default();
    let deletions = Arc::clone(&shelf.deletions);
    let (app, clear) = (Http::open(shelf).limits(limits(|limits| limits.state.used = 1)).router(), tool("clear_once"));
    let attempt = async || {
        let (state, _) = round(&app, &clear, &Value::Null, json!({})).await;
        ask(&app, &clear, json!({"requestState": state, "inputResponses": {"confirm": confirm()}})).await
    };
    assert_eq!(attempt().await["result"]["content"][0]["text"], "Deleted 0");
    assert_eq!(
        attempt().await["error"],
        json!({"code": -32603, "message": "Too many answers that are good once were used; try again later"})
    );
    assert_eq!(deletions.load(Ordering::SeqCst), 1);
}

/// Otherwise, an account that registers many clients could fill the record for all others.
#[tokio::test]
async fn the_clients_of_an_account_share_a_part_of_the_record() {
    let app = bank().limits(limits(|limits| limits.state.used = 4)).router();
    for (token, is_recorded) in [("alice-token", true), ("other-app-token", false), ("bob-token", true)] {
        let donate = Asked { token, ..tool("donate") };
        let (state, _) = round(&app, &donate, &Value::Null, json!({})).await;
        let answer = ask(&app, &donate, json!({"requestState": state, "inputResponses": {"confirm": confirm()}})).await;
        assert_eq!(answer["error"].is_null(), is_recorded, "{token} {answer}");
    }
}
