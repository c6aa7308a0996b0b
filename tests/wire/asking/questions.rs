//! Questions of a handler to its client, with the same handler in every version.

use http_body_util::BodyExt as _;
use mcp::{Answer, Context, Error, Sampling};
use serde_json::{Value, json};

use crate::support::client::{META, call as call_tool, deliver, message, post, send, unchecked};
use crate::support::conversation::{Client, Connection, Conversation, Way, silent};
use crate::support::schema::MODERN;

struct Host;

#[derive(Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
struct Guest {
    /// Your name.
    #[schemars(length(max = 20))]
    name: String,
    #[schemars(range(min = 1, max = 9))]
    seats: Option<u8>,
    #[serde(default)]
    table: Table,
}

#[derive(Debug, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Table {
    /// Inside, at the window
    #[default]
    Window,
    /// Outside
    Garden,
}

/// Not a form.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[expect(dead_code, reason = "it is never read")]
struct Party {
    guests: Vec<Guest>,
}

#[mcp::server(name = "host", version = "1")]
impl Host {
    /// Ask who comes.
    #[mcp::tool]
    async fn reserve(&self, cx: &Context) -> Result<String, Error> {
        Ok(format!("{:?}", cx.elicit::<Guest>("guest", "Who comes?").await?))
    }

    /// Ask with a schema that is written by hand.
    #[mcp::tool]
    async fn reserve_by_hand(&self, cx: &Context) -> Result<String, Error> {
        let schema = json!({
            "type": "object",
            "properties": {
                "color": {"type": "string", "enum": ["red", "blue"], "enumNames": ["Red", "Blue"]},
                "count": {"type": "integer", "default": 1},
            },
            "required": ["color"],
        });
        Ok(format!("{:?}", cx.elicit_schema("decoration", "Which decoration?", schema).await?))
    }

    /// Ask for a payment on a page.
    #[mcp::tool]
    async fn pay(&self, cx: &Context) -> Result<String, Error> {
        Ok(format!("{:?}", cx.elicit_url("payment", "Please pay", "https://pay.example.com/7").await?))
    }

    /// Ask the model for a toast.
    #[mcp::tool]
    async fn toast(&self, cx: &Context) -> Result<String, Error> {
        let sampling = Sampling::new(50).system("Be brief").user("A toast, please").temperature(0.5);
        let result = cx.sample("toast", sampling).await?;
        Ok(format!("{} ({}, {:?})", result.text(), result.model, result.stop_reason))
    }

    /// Ask for folders.
    #[mcp::tool]
    async fn places(&self, cx: &Context) -> Result<String, Error> {
        let roots = cx.list_roots("places").await?;
        Ok(roots.into_iter().map(|root| root.uri).collect::<Vec<_>>().join(" "))
    }

    /// Ask for several things at once.
    #[mcp::tool]
    async fn feast(&self, cx: &Context) -> Result<String, Error> {
        let questions = (
            cx.elicit::<Guest>("guest", "Who comes?"),
            cx.sample("toast", Sampling::new(50).user("A toast, please")),
            cx.list_roots("places"),
        );
        let (guest, toast, places) = cx.ask(questions).await?;
        let guest = guest.accepted().map(|guest| guest.name);
        Ok(format!("{guest:?}, {}, {}", toast.text(), places.len()))
    }

    /// Ask the same of several guests.
    #[mcp::tool]
    async fn everyone(&self, count: usize, cx: &Context) -> Result<String, Error> {
        let questions = (0..count).map(|n| cx.elicit::<Guest>(format!("guest{n}"), format!("Guest {n}?")));
        let guests = cx.ask(questions.collect::<Vec<_>>()).await?;
        let names: Vec<_> = guests.into_iter().filter_map(Answer::accepted).map(|guest| guest.name).collect();
        Ok(names.join(" "))
    }

    /// Ask one thing after the other, the second because of the first.
    #[mcp::tool]
    async fn courses(&self, cx: &Context) -> Result<String, Error> {
        let Answer::Accepted(first) = cx.elicit::<Guest>("first", "Who comes first?").await? else {
            return Ok("nobody".to_owned());
        };
        let message = format!("Who comes after {}?", first.name);
        let second = cx.elicit::<Guest>("second", message).await?.accepted();
        let last = cx.elicit::<Guest>("third", "Who comes last?").await?.accepted();
        let names = [Some(first), second, last].map(|guest| guest.map_or_else(String::new, |guest| guest.name));
        Ok(names.join(" "))
    }

    /// Make another error of that of a question, as many programs do.
    #[mcp::tool]
    async fn wrapped(&self, cx: &Context) -> Result<String, std::io::Error> {
        let guest =
            cx.elicit::<Guest>("guest", "Who comes?").await.map_err(|error| std::io::Error::other(error.into_std()))?;
        Ok(guest.accepted().map_or_else(String::new, |guest| guest.name))
    }

    /// Ask for an answer that is good once, alone and beside another one.
    #[mcp::tool]
    async fn once(&self, cx: &Context) -> Result<String, Error> {
        let guest = cx.elicit::<Guest>("guest", "Who comes?").once().await?;
        let (other, last) =
            cx.ask((cx.elicit::<Guest>("other", "Guest 1?").once(), cx.elicit::<Guest>("last", "And?"))).await?;
        let names: Vec<_> =
            [guest, other, last].into_iter().filter_map(Answer::accepted).map(|guest| guest.name).collect();
        Ok(names.join(" "))
    }

    /// Ask only if that is possible.
    #[mcp::tool]
    async fn polite(&self, cx: &Context) -> Result<String, Error> {
        if !cx.capabilities().roots {
            return Ok("not asked".to_owned());
        }
        Ok(cx.list_roots("places").await?.len().to_string())
    }

    /// Ask the model for a speech, without which there is none.
    #[mcp::tool]
    async fn speech(&self, cx: &Context) -> Result<String, Error> {
        Ok(cx.sample("speech", Sampling::new(50).user("A speech, please")).required().await?.text())
    }

    /// Asks the same beside another question.
    #[mcp::tool]
    async fn speeches(&self, cx: &Context) -> Result<String, Error> {
        let speech = cx.sample("speech", Sampling::new(50).user("A speech, please")).required();
        let (speech, places) = cx.ask((speech, cx.list_roots("places"))).await?;
        Ok(format!("{} {}", speech.text(), places.len()))
    }

    /// Ask the model for an invitation.
    #[mcp::prompt]
    async fn invitation(&self, cx: &Context) -> Result<String, Error> {
        Ok(cx.sample("invitation", Sampling::new(50).user("An invitation, please")).await?.text())
    }

    /// A speech.
    #[mcp::resource("host://speech")]
    async fn written(&self, cx: &Context) -> Result<String, Error> {
        Ok(cx.sample("speech", Sampling::new(50).user("A speech, please")).await?.text())
    }

    /// Ask two questions by the same key.
    #[mcp::tool]
    async fn confused(&self, cx: &Context) -> Result<String, Error> {
        cx.ask((cx.list_roots("key"), cx.list_roots("key"))).await?;
        Ok(String::new())
    }

    /// Ask for what no form can ask for.
    #[mcp::tool]
    async fn party(&self, cx: &Context) -> Result<String, Error> {
        cx.elicit::<Party>("party", "Who comes?").await?;
        Ok(String::new())
    }
}

fn ada() -> Value {
    json!({"action": "accept", "content": {"name": "Ada", "seats": 2, "table": "garden"}})
}

fn answer(method: &str, params: &Value) -> Value {
    match method {
        "elicitation/create" => match params["message"].as_str().expect("a message") {
            "Guest 1?" | "Who comes after Ada?" => json!({"action": "accept", "content": {"name": "Bob"}}),
            "Who comes last?" => json!({"action": "decline"}),
            _ => ada(),
        },
        "sampling/createMessage" => json!({
            "role": "assistant", "content": {"type": "text", "text": "Cheers"}, "model": "m", "stopReason": "endTurn",
        }),
        "roots/list" => json!({"roots": [{"uri": "file:///a", "name": "A"}, {"uri": "file:///b"}]}),
        other => panic!("{other}"),
    }
}

async fn connect(way: Way, client: Client) -> Connection {
    way.connect(Host, client).await
}

async fn call(way: Way, tool: &str, arguments: Value) -> Conversation {
    connect(way, Client::default()).await.call(tool, arguments, answer).await
}

/// The ways in which a question of this kind is known.
fn ways_since(version: &str) -> impl Iterator<Item = Way> {
    Way::ALL.into_iter().filter(move |way| way.version() >= version)
}

#[tokio::test]
async fn a_form_is_filled_in() {
    for way in ways_since("2025-06-18") {
        let conversation = call(way, "reserve", json!({})).await;
        assert_eq!(conversation.text(), r#"Accepted(Guest { name: "Ada", seats: Some(2), table: Garden })"#, "{way:?}");
        let table = if way.version() == "2025-06-18" {
            json!({
                "type": "string", "enum": ["window", "garden"], "enumNames": ["Inside, at the window", "Outside"],
                "default": "window",
            })
        } else {
            json!({
                "type": "string",
                "oneOf": [
                    {"const": "window", "title": "Inside, at the window"}, {"const": "garden", "title": "Outside"},
                ],
                "default": "window",
            })
        };
        let expected = json!({
            "method": "elicitation/create",
            "params": {
                "message": "Who comes?",
                "requestedSchema": {
                    "type": "object",
                    "properties": {
                        "name": {"type": "string", "description": "Your name.", "maxLength": 20},
                        "seats": {"type": "integer", "minimum": 1, "maximum": 9},
                        "table": table,
                    },
                    "required": ["name"],
                },
            },
        });
        assert_eq!(conversation.asked, [expected], "{way:?}");
    }
}

#[tokio::test]
async fn a_form_is_declined_or_closed() {
    for way in ways_since("2025-06-18") {
        for (action, expected) in [("decline", "Declined"), ("cancel", "Cancelled")] {
            let mut connection = connect(way, Client::default()).await;
            let conversation = connection.call("reserve", json!({}), |_, _| json!({"action": action})).await;
            assert_eq!(conversation.text(), expected, "{way:?}");
        }
    }
}

#[tokio::test]
async fn a_form_is_written_by_hand() {
    let content = json!({"color": "blue", "count": 3, "other": true});
    for way in ways_since("2025-06-18") {
        let mut connection = connect(way, Client::default()).await;
        let accept = |_: &str, _: &Value| json!({"action": "accept", "content": content});
        let conversation = connection.call("reserve_by_hand", json!({}), accept).await;
        assert_eq!(conversation.text(), format!("{:?}", Answer::Accepted(content.clone())), "{way:?}");
        let color = &conversation.asked[0]["params"]["requestedSchema"]["properties"]["color"];
        assert_eq!(*color, json!({"type": "string", "enum": ["red", "blue"], "enumNames": ["Red", "Blue"]}));
    }
}

#[tokio::test]
async fn a_page_is_visited() {
    for way in ways_since("2025-11-25") {
        let mut connection = connect(way, Client::default()).await;
        let conversation = connection.call("pay", json!({}), |_, _| json!({"action": "accept"})).await;
        assert_eq!(conversation.text(), "Accepted(())", "{way:?}");
        let mut params = conversation.asked[0]["params"].clone();
        let id = params.as_object_mut().expect("params").remove("elicitationId");
        assert_eq!(id.is_some(), !way.is_modern(), "{way:?}");
        assert_eq!(params, json!({"mode": "url", "message": "Please pay", "url": "https://pay.example.com/7"}));
    }
}

#[tokio::test]
async fn a_model_answers() {
    for way in Way::ALL {
        let conversation = call(way, "toast", json!({})).await;
        assert_eq!(conversation.text(), r#"Cheers (m, Some("endTurn"))"#, "{way:?}");
        let expected = json!({
            "method": "sampling/createMessage",
            "params": {
                "messages": [{"role": "user", "content": {"type": "text", "text": "A toast, please"}}],
                "systemPrompt": "Be brief",
                "temperature": 0.5,
                "maxTokens": 50,
            },
        });
        assert_eq!(conversation.asked, [expected], "{way:?}");
    }
}

#[tokio::test]
async fn folders_are_listed() {
    for way in Way::ALL {
        let conversation = call(way, "places", json!({})).await;
        assert_eq!(conversation.text(), "file:///a file:///b", "{way:?}");
        assert_eq!(conversation.asked, [json!({"method": "roots/list", "params": {}})], "{way:?}");
    }
}

#[tokio::test]
async fn several_questions_are_asked_at_once() {
    for way in ways_since("2025-06-18") {
        let mut connection = connect(way, Client::default()).await;
        let conversation = connection.call("feast", json!({}), answer).await;
        assert_eq!(conversation.text(), r#"Some("Ada"), Cheers, 2"#, "{way:?}");
        assert_eq!(conversation.asked.len(), 3, "{way:?}");
        let conversation = connection.call("everyone", json!({"count": 3}), answer).await;
        assert_eq!(conversation.text(), "Ada Bob Ada", "{way:?}");
        let conversation = connection.call("everyone", json!({"count": 0}), silent).await;
        assert_eq!(conversation.text(), "", "{way:?}");
    }
}

#[tokio::test]
async fn one_question_follows_from_another() {
    for way in ways_since("2025-06-18") {
        let conversation = call(way, "courses", json!({})).await;
        assert_eq!(conversation.text(), "Ada Bob ", "{way:?}");
        let messages: Vec<_> = conversation.asked.iter().map(|asked| asked["params"]["message"].clone()).collect();
        assert_eq!(messages, ["Who comes first?", "Who comes after Ada?", "Who comes last?"], "{way:?}");
    }
}

#[tokio::test]
async fn an_answer_may_be_good_once() {
    for way in ways_since("2025-06-18") {
        let mut connection = connect(way, Client::default()).await;
        for _ in 0..2 {
            assert_eq!(connection.call("once", json!({}), answer).await.text(), "Ada Bob Ada", "{way:?}");
        }
    }
}

#[tokio::test]
async fn the_error_of_a_question_may_be_wrapped() {
    for way in ways_since("2025-06-18") {
        assert_eq!(call(way, "wrapped", json!({})).await.text(), "Ada", "{way:?}");
    }
}

#[tokio::test]
async fn what_a_client_does_not_declare_it_is_not_asked() {
    for way in Way::ALL {
        for (tool, declared, name) in [
            ("reserve", json!({"sampling": {}}), "elicitation.form"),
            ("reserve", json!({"elicitation": {"url": {}}}), "elicitation.form"),
            ("pay", json!({"elicitation": {}}), "elicitation.url"),
            ("toast", json!({"elicitation": {}, "roots": {}}), "sampling"),
            ("places", json!({}), "roots"),
            ("feast", json!({"elicitation": {}, "roots": {}}), "sampling"),
            ("wrapped", json!({"sampling": {}}), "elicitation.form"),
        ] {
            if way.version() == "2025-03-26" && tool != "toast" && tool != "places" && tool != "wrapped" {
                continue;
            }
            let mut connection = connect(way, Client::with(declared)).await;
            let conversation = connection.call(tool, json!({}), silent).await;
            let text = format!("This needs `{name}`, which the client does not declare");
            assert_eq!((conversation.text(), conversation.is_error()), (&*text, true), "{way:?} {tool}");
        }
        // Where no model reads it, or the method says so, it is for the developer of the client.
        let error = json!({
            "code": -32021,
            "message": "This needs `sampling`, which the client does not declare",
            "data": {"requiredCapabilities": {"sampling": {}}},
        });
        for (method, params) in [
            ("tools/call", json!({"name": "speech", "arguments": {}})),
            ("tools/call", json!({"name": "speeches", "arguments": {}})),
            ("prompts/get", json!({"name": "invitation"})),
            ("resources/read", json!({"uri": "host://speech"})),
        ] {
            let mut connection = connect(way, Client::with(json!({"roots": {}}))).await;
            let conversation = connection.request(method, params, silent).await;
            assert_eq!(conversation.answer["error"], error, "{way:?} {method}");
        }
        let mut connection = connect(way, Client::with(json!({}))).await;
        assert_eq!(connection.call("polite", json!({}), silent).await.text(), "not asked", "{way:?}");
    }
    // It may well declare what its version does not know.
    let mut connection = connect(Way::Stdio("2025-03-26"), Client::default()).await;
    assert!(connection.call("reserve", json!({}), silent).await.is_error());
    let mut connection = connect(Way::Stdio("2025-06-18"), Client::default()).await;
    assert!(connection.call("pay", json!({}), silent).await.is_error());
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_refused_by_its_key() {
    let accept = |content: Value| json!({"action": "accept", "content": content});
    for way in ways_since("2025-06-18") {
        for (content, why) in [
            (json!({}), "`name` is missing"),
            (json!({"name": true}), "`name` must be a text"),
            (json!({"name": "x".repeat(21)}), "`name` must be at most 20 characters long"),
            (json!({"name": "Ada", "seats": 10}), "`seats` must be at most 9"),
            (json!({"name": "Ada", "seats": "1"}), "`seats` must be an integer"),
            (json!({"name": "Ada", "table": "roof"}), "`table` must be one of the choices"),
        ] {
            let mut connection = connect(way, Client::default()).await;
            let conversation = connection.call("reserve", json!({}), |_, _| accept(content.clone())).await;
            assert_eq!(conversation.code(), -32602, "{way:?}");
            assert_eq!(conversation.message(), format!("Invalid params: the answer to `guest`: {why}"), "{way:?}");
        }
    }
}

#[tokio::test]
async fn a_mistake_of_the_server_is_its_own() {
    for way in ways_since("2025-06-18") {
        for (tool, message) in [
            ("confused", "Two questions of this request have the key `key`; each needs one of its own"),
            (
                "party",
                "`Party` can't be a form: look at `guests`; a form has texts, numbers, booleans, choices and lists of choices",
            ),
        ] {
            let conversation = connect(way, Client::default()).await.call(tool, json!({}), silent).await;
            assert_eq!((conversation.code(), conversation.message()), (-32603, message), "{way:?}");
        }
    }
}

#[tokio::test]
async fn a_client_may_refuse_to_answer() {
    for way in Way::ALL.into_iter().filter(|way| !way.is_modern()) {
        let mut connection = connect(way, Client::default()).await;
        let refuse = |_: &str, _: &Value| json!({"error": {"code": -1, "message": "User rejected sampling request"}});
        let conversation = connection.call("toast", json!({}), refuse).await;
        assert_eq!(conversation.text(), "The client did not answer `toast`: User rejected sampling request");
        assert_eq!(conversation.answer["result"]["isError"], true);
        assert_eq!(connection.call("toast", json!({}), answer).await.text(), r#"Cheers (m, Some("endTurn"))"#);
    }
}

/// One round in the newest version, with these further params.
async fn round(connection: &mut Connection, tool: &str, further: Value) -> Value {
    let mut params = json!({"name": tool, "arguments": {}});
    params.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
    connection.round("tools/call", params, silent, &mut Conversation::default()).await
}

#[tokio::test]
async fn an_answer_is_taken_without_a_state_and_others_are_ignored() {
    for way in ways_since(MODERN) {
        let mut connection = connect(way, Client::default()).await;
        let responses = json!({"guest": ada(), "unknown": {"action": "accept", "content": {"a": "b"}}});
        let answer = round(&mut connection, "wrapped", json!({"inputResponses": responses})).await;
        assert_eq!(answer["result"]["content"][0]["text"], "Ada");
        let responses = json!({"other": ada()});
        let answer = round(&mut connection, "wrapped", json!({"inputResponses": responses})).await;
        assert_eq!(answer["result"]["resultType"], "input_required");
        assert!(answer["result"]["inputRequests"]["guest"].is_object(), "{answer}");
    }
}

#[tokio::test]
async fn what_is_missing_is_asked_for_again() {
    for way in ways_since(MODERN) {
        let mut connection = connect(way, Client::default()).await;
        let first = round(&mut connection, "feast", json!({})).await["result"].take();
        assert_eq!(first["inputRequests"].as_object().unwrap().len(), 3);
        assert_eq!(first["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "host");
        let further = json!({"requestState": first["requestState"], "inputResponses": {"guest": ada()}});
        let second = round(&mut connection, "feast", further).await["result"].take();
        let open: Vec<_> = second["inputRequests"].as_object().unwrap().keys().collect();
        assert_eq!(open, ["places", "toast"]);
        assert_ne!(second["requestState"], first["requestState"]);
        let other = json!({"action": "accept", "content": {"name": "Eve"}});
        let responses = json!({
            "places": {"roots": []},
            "toast": {"role": "assistant", "content": {"type": "text", "text": "Hear"}, "model": "m"},
            "guest": other,
        });
        let further = json!({"requestState": second["requestState"], "inputResponses": responses});
        let third = round(&mut connection, "feast", further).await;
        // What was answered before stays.
        assert_eq!(third["result"]["content"][0]["text"], r#"Some("Ada"), Hear, 0"#);
    }
}

/// Sends what is no message of the protocol, over HTTP.
async fn malformed(responses: &str, state: &str) -> Value {
    let app = mcp::Http::open(Host).router();
    let meta = META.replace(r#"clientCapabilities":{}"#, r#"clientCapabilities":{"elicitation":{}}"#);
    let members = format!(r#""name":"reserve","inputResponses":{responses},"requestState":{state},{meta}"#);
    let headers = [("mcp-protocol-version", MODERN), ("mcp-method", "tools/call"), ("mcp-name", "reserve")];
    let request = unchecked(post(&headers, message("tools/call", &members)));
    let response = deliver(&app, request).await;
    let status = response.status();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    assert_eq!(status, 400, "{body:?}");
    serde_json::from_slice::<Value>(&body).expect("JSON")["error"].take()
}

#[tokio::test]
async fn malformed_answers_are_refused() {
    let not_an_object = "Invalid params: `inputResponses` must be an object";
    let guest = "Invalid params: the answer to `guest`: ";
    for (responses, message) in [
        ("null", not_an_object.to_owned()),
        ("[]", not_an_object.to_owned()),
        ("7", not_an_object.to_owned()),
        (r#"{"guest":12345}"#, format!("{guest}it must be an object")),
        (r#"{"guest":null}"#, format!("{guest}it must be an object")),
        (r#"{"guest":["accept",{"name":"Ada"}]}"#, format!("{guest}it must be an object")),
        (r#"{"guest":{}}"#, format!("{guest}missing field `action`")),
        (
            r#"{"guest":{"action":"perhaps"}}"#,
            format!("{guest}unknown variant `perhaps`, expected one of `accept`, `decline`, `cancel`"),
        ),
        (r#"{"guest":{"action":"accept","content":[]}}"#, format!("{guest}invalid type: sequence, expected a map")),
    ] {
        assert_eq!(malformed(responses, "null").await, json!({"code": -32602, "message": message}), "{responses}");
    }
    let error = malformed("{}", "7").await;
    assert_eq!(error["message"], "Invalid params: `requestState`: invalid type: integer `7`, expected a string");
}

#[tokio::test]
async fn a_missing_capability_is_a_bad_request() {
    let app = mcp::Http::open(Host).router();
    let response = send(&app, call_tool("", "speech", "{}")).await;
    assert!(response.starts_with("400 Bad Request\n"), "{response}");
    assert!(response.contains(r#""code":-32021"#), "{response}");
}
