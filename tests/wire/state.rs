//! What a client keeps for a request that asks it: nobody else can use it, nor for anything else, nor for long.

use std::time::Duration;

use axum::Router;
use http_body_util::BodyExt as _;
use mcp::{AccessToken, Context, Error, Http, PromptMessage, StaticTokens};
use serde_json::{Value, json};

use crate::client::{deliver, post};
use crate::schema::MODERN;

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

/// What a client asks for.
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
    let mut params = asked.params.clone();
    params.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": {"elicitation": {}},
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
    let response = deliver(app, post(&headers, body.to_string())).await;
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

#[tokio::test]
async fn a_state_is_good_for_some_time() {
    let app = bank().state_lifetime(Duration::ZERO).router();
    let first = ask(&app, &payment(), json!({})).await["result"].take();
    let answer = finish(&app, &payment(), &first["requestState"]).await;
    assert_eq!(answer["error"], refused());
}

#[tokio::test]
async fn a_state_has_a_longest_length() {
    let app = bank().max_state_bytes(200).router();
    let first = ask(&app, &payment(), json!({})).await["result"].take();
    assert!(first["requestState"].as_str().expect("a text").len() <= 200);
    let further = json!({"requestState": first["requestState"], "inputResponses": {"first": confirm()}});
    let answer = ask(&app, &payment(), further).await;
    assert_eq!(
        answer["error"],
        json!({"code": -32602, "message": "Invalid params: the answers are longer than 200 bytes together"})
    );
}
