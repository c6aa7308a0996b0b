//! Arguments as models and their clients write them: what is taken, and what is said about the rest.

use std::collections::BTreeMap;
use std::num::NonZeroI64;

use mcp::{Json, MemoryClient};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{called, mistake};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Address {
    postal_code: String,
    floor: Option<i8>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Colour {
    /// Like blood.
    Red,
    Green,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Shape {
    Circle { radius: u32, colour: Option<Colour> },
    Line { from: i64, to: i64 },
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Command {
    Stop,
    Move { x: i32 },
    Say(String),
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Reference {
    Number(u64),
    Flag(bool),
    Point { x: u8, y: u8 },
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Paging {
    page: u32,
    size: Option<u8>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Item {
    #[serde(alias = "title")]
    name: String,
    #[schemars(range(min = 1, max = 99))]
    count: u32,
    #[serde(default)]
    #[schemars(length(max = 2))]
    tags: Vec<String>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Order {
    address: Address,
    items: Vec<Item>,
    prices: BTreeMap<String, i64>,
    colour: Option<Colour>,
    shape: Option<Shape>,
    command: Option<Command>,
    reference: Option<Reference>,
    pair: Option<(u8, bool)>,
    big: Option<u128>,
    rate: Option<f64>,
    any: Option<Value>,
    #[serde(flatten)]
    paging: Paging,
}

struct Exact;

#[mcp::server]
impl Exact {
    /// Return an order.
    #[mcp::tool]
    fn order(&self, order: Order) -> Json<Order> {
        Json(order)
    }

    /// Return a number.
    #[mcp::tool]
    fn number(&self, n: u8, #[arg(default = 1, range = 1..=5)] limited: i64) -> Json<(u8, i64)> {
        Json((n, limited))
    }

    /// Take texts for what they say.
    #[mcp::tool(lenient)]
    fn tolerant(&self, n: u8) -> Json<u8> {
        Json(n)
    }
}

struct Lenient;

#[mcp::server(lenient, inline_schemas)]
impl Lenient {
    /// Return an order.
    #[mcp::tool]
    fn order(&self, order: Order) -> Json<Order> {
        Json(order)
    }

    /// Return everything.
    #[mcp::tool]
    fn all(
        &self,
        text: String,
        #[arg(default = "none")] other: String,
        note: Option<String>,
        flag: Option<bool>,
        #[arg(range = 1..=5)] n: u8,
        list: Option<Vec<u8>>,
    ) -> Json<Value> {
        Json(json!([text, other, note, flag, n, list]))
    }

    /// Take a number as it is.
    #[mcp::tool(lenient = false)]
    fn exact(&self, n: u8) -> Json<u8> {
        Json(n)
    }
}

/// An order with something else in it.
fn order(change: impl FnOnce(&mut Value)) -> Value {
    let mut order = json!({
        "address": {"postalCode": "12345"},
        "items": [{"name": "Tea", "count": 1}],
        "prices": {"tea": 2},
        "page": 1,
    });
    change(&mut order);
    json!({"order": order})
}

/// The data that the tool returned or what it said about the arguments.
async fn returned<S: mcp::Server>(client: &MemoryClient<S>, tool: &str, arguments: Value) -> Value {
    let mut result = called(client, tool, arguments).await;
    match result.get("isError") {
        None => result["structuredContent"].take(),
        Some(_) => result["content"][0]["text"].take(),
    }
}

#[tokio::test]
async fn a_whole_number_is_an_integer_however_it_is_written() {
    let client = MemoryClient::new(Exact);
    let cases: [(&str, Value, &str, Value); 14] = [
        ("", json!({"n": 5.0}), "", json!([5, 1])),
        ("/address/floor", json!(-3.0), "/address/floor", json!(-3)),
        ("/items/0/count", json!(2.0), "/items/0/count", json!(2)),
        ("/prices/tea", json!(1e3), "/prices/tea", json!(1000)),
        ("/prices/tea", json!(-0.0), "/prices/tea", json!(0)),
        ("/shape", json!({"type": "circle", "radius": 7.0}), "/shape/radius", json!(7)),
        ("/shape", json!({"type": "line", "from": 1, "to": 2.0}), "/shape/to", json!(2)),
        ("/command", json!({"move": {"x": 1.0}}), "/command/move/x", json!(1)),
        ("/reference", json!(7.0), "/reference", json!(7)),
        ("/reference", json!({"x": 1.0, "y": 2}), "/reference/x", json!(1)),
        ("/pair", json!([3.0, true]), "/pair/0", json!(3)),
        ("/big", json!(1e30), "", Value::Null),
        ("/page", json!(4.0), "/page", json!(4)),
        // What is no integer by its type stays as it is.
        ("/any", json!({"n": 5.0}), "/any/n", json!(5.0)),
    ];
    for (pointer, given, path, expected) in cases {
        if pointer.is_empty() {
            assert_eq!(returned(&client, "number", given).await, expected);
            continue;
        }
        let arguments = order(|order| {
            let mut place = order;
            for name in pointer.split('/').skip(1) {
                place = match name.parse::<usize>() {
                    Ok(index) => &mut place[index],
                    Err(_) => &mut place[name],
                };
            }
            *place = given.clone();
        });
        let result = called(&client, "order", arguments).await;
        if pointer == "/big" {
            let text = result["content"][0]["text"].as_str().unwrap();
            assert!(text.contains("\"big\":1000000000000000000000000000000,"), "{text}");
            continue;
        }
        assert_eq!(result["structuredContent"].pointer(path), Some(&expected), "{given}: {result}");
    }
    let arguments = order(|order| {
        order["any"] = json!([5.0, 1]);
        order["prices"]["tea"] = json!(6.0);
        order["rate"] = json!(2.0);
    });
    let result = returned(&client, "order", arguments).await;
    assert_eq!((&result["any"], &result["rate"]), (&json!([5.0, 1]), &json!(2.0)), "{result}");
}

#[tokio::test]
async fn an_error_names_the_path() {
    type Change = fn(&mut Value);

    let client = MemoryClient::new(Exact);
    let cases: [(Change, &str); 27] = [
        (|order| order["address"]["postalCode"] = json!(1), "address.postalCode: expected a string, got 1"),
        (|order| order["address"] = json!("Main St"), "address: expected an object, got \"Main St\""),
        (|order| order["address"] = json!({}), "address.postalCode is missing"),
        (
            |order| order["address"]["floor"] = json!(300),
            "address.floor: expected an integer from -128 to 127, got 300",
        ),
        (
            |order| order["address"]["floor"] = json!(5.5),
            "address.floor: expected an integer from -128 to 127, got 5.5",
        ),
        (|order| order["items"][0]["name"] = json!(null), "items[0].name: expected a string, got null"),
        (
            |order| order["items"][0]["size"] = json!(1),
            "items[0].size: there is no such member; the members are: count, name, tags",
        ),
        (|order| order["items"][0]["nam"] = json!(1), "items[0].nam: there is no such member; did you mean `name`?"),
        (|order| order["items"] = json!({}), "items: expected an array, got an object"),
        (|order| order["prices"]["a b"] = json!([]), "prices[\"a b\"]: expected an integer, got an array"),
        (
            |order| order["prices"]["tea"] = json!(1e300),
            "prices.tea: expected an integer from -9223372036854775808 to 9223372036854775807, got 1e+300",
        ),
        (|order| order["colour"] = json!("blue"), "colour: expected one of green, red, got \"blue\""),
        (|order| order["colour"] = json!(3), "colour: expected a string, got 3"),
        (
            |order| order["shape"] = json!({"type": "square"}),
            "shape.type: expected one of circle, line, got \"square\"",
        ),
        (|order| order["shape"] = json!({"radius": 1}), "shape.type is missing"),
        (|order| order["shape"] = json!({"type": "circle"}), "shape.radius is missing"),
        (
            |order| order["shape"] = json!({"type": "circle", "radius": -1}),
            "shape.radius: expected an integer from 0 to 4294967295, got -1",
        ),
        (
            |order| order["shape"] = json!({"type": "circle", "radius": 1, "colour": "blue"}),
            "shape.colour: expected one of green, red, got \"blue\"",
        ),
        (|order| order["command"] = json!("jump"), "command: expected one of stop, move, say, got \"jump\""),
        (|order| order["command"] = json!({"jump": 1}), "command: expected one of stop, move, say, got \"jump\""),
        (|order| order["command"] = json!({"move": {"x": "1"}}), "command.move.x: expected an integer, got \"1\""),
        (
            |order| order["reference"] = json!("a"),
            "reference: expected an integer or true or false or an object, got \"a\"",
        ),
        (|order| order["reference"] = json!({"x": 1, "y": "2"}), "reference.y: expected an integer, got \"2\""),
        (|order| order["pair"] = json!([1, 2]), "pair[1]: expected true or false, got 2"),
        (|order| order["items"][0]["count"] = json!(100), "items[0].count: expected an integer from 1 to 99, got 100"),
        (|order| order["items"][0]["count"] = json!(0.0), "items[0].count: expected an integer from 1 to 99, got 0"),
        (|order| order["items"][0]["tags"] = json!(["a", "b", "c"]), "items[0].tags: must have at most 2 items, not 3"),
    ];
    for (change, expected) in cases {
        let said = returned(&client, "order", order(change)).await;
        assert_eq!(said, json!(format!("Argument order.{expected}")));
    }
    for (arguments, expected) in [
        (json!({"n": "5"}), "Argument n: expected an integer, got \"5\""),
        (json!({"n": 256.0}), "Argument n: expected an integer from 0 to 255, got 256"),
        (json!({"n": 1, "limited": 6.0}), "Argument limited: must be at least 1 and at most 5, not 6"),
        (json!({"n": 1, "limit": 6}), "Unknown argument `limit`; did you mean `limited`?"),
        (json!({"limited": 1}), "Argument n is missing"),
    ] {
        assert_eq!(called(&client, "number", arguments).await, mistake(expected));
    }
}

#[tokio::test]
async fn an_error_names_tags_names_and_sizes() {
    #[derive(Deserialize, JsonSchema)]
    struct Move {
        #[expect(dead_code, reason = "it is only read")]
        from: String,
    }

    #[derive(Deserialize, JsonSchema)]
    #[serde(tag = "kind", rename_all = "lowercase")]
    enum Event {
        Deleted,
        #[expect(dead_code, reason = "it is only read")]
        Moved(Move),
    }

    #[derive(Deserialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
    enum Level {
        /// It can wait.
        Low,
        High,
    }

    struct Named;

    #[mcp::server]
    impl Named {
        /// Take one thing.
        #[mcp::tool]
        fn take(
            &self,
            event: Option<Event>,
            number: Option<NonZeroI64>,
            by_level: Option<BTreeMap<Level, u8>>,
            by_number: Option<BTreeMap<u32, u8>>,
            letter: Option<char>,
            #[arg(length = 2..=2)] pair: Option<String>,
        ) -> &'static str {
            drop((event, number, by_level, by_number, letter, pair));
            "taken"
        }
    }

    let client = MemoryClient::new(Named);
    for (arguments, expected) in [
        (json!({"event": {}}), "event.kind is missing"),
        (json!({"event": {"kind": "nope"}}), "event.kind: expected one of deleted, moved, got \"nope\""),
        (json!({"event": {"kind": "moved"}}), "event.from is missing"),
        (json!({"event": {"kind": "moved", "from": 1}}), "event.from: expected a string, got 1"),
        (json!({"number": 0}), "number: expected an integer other than 0, got 0"),
        (json!({"by_level": {"Low": 1, "nope": 1}}), "by_level.nope: the name must be one of Low, High"),
        (json!({"by_level": {"Low": 1, "High": 256}}), "by_level.High: expected an integer from 0 to 255, got 256"),
        (json!({"by_number": {"1": 1, "a": 2}}), "by_number.a: the name must be a number"),
        (json!({"by_number": {"1": "1"}}), "by_number.1: expected an integer, got \"1\""),
        (json!({"letter": "ab"}), "letter: must have exactly 1 character, not 2"),
        (json!({"pair": "a"}), "pair: must have exactly 2 characters, not 1"),
    ] {
        let said = returned(&client, "take", arguments).await;
        assert_eq!(said, json!(format!("Argument {expected}")));
    }
    assert_eq!(
        called(&client, "take", json!({"event": {"kind": "moved", "from": "a"}, "number": -1})).await["content"][0]["text"],
        "taken"
    );
}

#[tokio::test]
async fn another_name_of_a_member_is_no_mistake() {
    let client = MemoryClient::new(Exact);
    let arguments = order(|order| order["items"] = json!([{"title": "Tea", "count": 2.0}]));
    assert_eq!(returned(&client, "order", arguments).await["items"], json!([{"name": "Tea", "count": 2, "tags": []}]));
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Payment {
    #[serde(alias = "n")]
    #[schemars(range(min = 1, max = 10))]
    amount: u32,
    #[schemars(length(max = 3))]
    to: String,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Closed {
    #[serde(default, alias = "n")]
    #[schemars(range(max = 10))]
    amount: u32,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Nested {
    payment: Option<Payment>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Either {
    One(Payment),
    Names(Vec<String>),
    Numbers(Vec<u32>),
}

#[derive(Serialize, Deserialize, JsonSchema)]
enum Transfer {
    #[serde(alias = "p")]
    Pay {
        #[schemars(range(max = 10))]
        amount: u32,
    },
    #[serde(alias = "nothing")]
    None,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type")]
enum Tagged {
    #[serde(alias = "p")]
    Pay {
        #[schemars(range(max = 10))]
        amount: u32,
    },
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Mark {
    #[serde(alias = "x")]
    Cross,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Marks {
    marks: Vec<Mark>,
    #[schemars(range(max = 10))]
    amount: u32,
}

struct Limited;

#[mcp::server]
impl Limited {
    /// Pay.
    #[mcp::tool]
    fn pay(
        &self,
        one: Option<Payment>,
        closed: Option<Closed>,
        nested: Option<Nested>,
        either: Option<Either>,
        transfer: Option<Transfer>,
        tagged: Option<Tagged>,
    ) -> Json<Value> {
        Json(json!([one, closed, nested, either, transfer, tagged]))
    }

    /// Count marks.
    #[mcp::tool]
    fn mark(&self, marks: Marks) -> Json<Value> {
        Json(json!([marks.marks.len(), marks.amount]))
    }
}

#[tokio::test]
async fn a_limit_holds_however_a_type_reads_it() {
    let client = MemoryClient::new(Limited);
    let amount = "expected an integer from 0 to 10, got 5000";
    for (name, value, expected) in [
        ("one", json!([5000, "abcdef"]), ": expected an object, got an array"),
        ("one", json!({"n": 5000, "to": "a"}), ".n: expected an integer from 1 to 10, got 5000"),
        ("nested", json!([[5000, "a"]]), ": expected an object, got an array"),
        ("nested", json!({"payment": [5000, "a"]}), ".payment: expected an object, got an array"),
        ("closed", json!({"n": 5000}), &format!(".n: {amount}")),
        ("either", json!({"n": 5000, "to": "a"}), ".n: expected an integer from 1 to 10, got 5000"),
        ("either", json!([5000, "abcdef"]), ": expected an object with the names of its members, got an array"),
        ("transfer", json!({"Pay": [5000]}), ".Pay: expected an object, got an array"),
        ("transfer", json!({"p": {"amount": 5000}}), ": expected one of None, Pay, got \"p\""),
        ("tagged", json!({"type": "p", "amount": 5000}), ".type: expected Pay, got \"p\""),
        ("tagged", json!(["Pay", 5000]), ": expected an object, got an array"),
    ] {
        let said = called(&client, "pay", json!({name: value})).await;
        assert_eq!(said, mistake(&format!("Argument {name}{expected}")), "{value}");
    }
    for (name, value, place, expected) in [
        ("one", json!({"n": 5, "to": "a"}), 0, json!({"amount": 5, "to": "a"})),
        ("one", json!({"amount": 5, "to": "a", "other": 5000}), 0, json!({"amount": 5, "to": "a"})),
        ("closed", json!({"n": 5}), 1, json!({"amount": 5})),
        ("nested", json!({"payment": null}), 2, json!({"payment": null})),
        ("either", json!(["a", "b"]), 3, json!(["a", "b"])),
        ("either", json!([5000, 1]), 3, json!([5000, 1])),
        ("transfer", json!("nothing"), 4, json!("None")),
    ] {
        assert_eq!(returned(&client, "pay", json!({name: value})).await[place], expected);
    }
    let marks = |amount| json!({"marks": {"marks": vec!["x"; 200], "amount": amount}});
    let said = called(&client, "mark", marks(5000)).await;
    assert_eq!(said, mistake(&format!("Argument marks.amount: {amount}")));
    assert_eq!(returned(&client, "mark", marks(10)).await, json!([200, 10]));
}

#[tokio::test]
async fn a_lenient_server_takes_texts_for_what_they_say() {
    let client = MemoryClient::new(Lenient);
    let all =
        json!({"text": "7", "n": "5", "flag": "true", "list": "[1, \"2\", 3.0]", "sessionId": "added by the client"});
    assert_eq!(returned(&client, "all", all).await, json!(["7", "none", null, true, 5, [1, 2, 3]]));
    let all = json!({"text": "", "other": "", "note": "", "flag": "", "n": 1, "list": ""});
    assert_eq!(returned(&client, "all", all).await, json!(["", "none", null, null, 1, null]));
    let all = json!({"text": "a", "other": null, "note": null, "n": 1});
    assert_eq!(returned(&client, "all", all).await, json!(["a", "none", null, null, 1, null]));
    let arguments = json!({"order": json!({
        "address": "{\"postalCode\": \"1\", \"floor\": \"-2\"}",
        "items": [{"name": "Tea", "count": "3", "tags": null, "further": 1}],
        "prices": {"tea": "1e2"},
        "shape": {"type": "circle", "radius": "7", "colour": ""},
        "command": {"move": {"x": "1"}},
        "reference": "7",
        "pair": "[1,\"false\"]",
        "rate": "0.5",
        "any": "7",
        "page": "2",
    }).to_string()});
    let result = returned(&client, "order", arguments).await;
    assert_eq!(
        result,
        json!({
            "address": {"postalCode": "1", "floor": -2},
            "items": [{"name": "Tea", "count": 3, "tags": []}],
            "prices": {"tea": 100},
            "colour": null,
            "shape": {"type": "circle", "radius": 7, "colour": null},
            "command": {"move": {"x": 1}},
            "reference": 7,
            "pair": [1, false],
            "big": null,
            "rate": 0.5,
            "any": "7",
            "page": 2,
            "size": null,
        })
    );
}

#[tokio::test]
async fn a_lenient_server_enforces_what_it_says() {
    let client = MemoryClient::new(Lenient);
    let all = |n: Value| json!({"text": "a", "n": n});
    for (n, expected) in [
        (json!("6"), "Argument n: must be at least 1 and at most 5, not 6"),
        (json!("five"), "Argument n: expected an integer, got \"five\""),
        (json!("5.5"), "Argument n: expected an integer from 0 to 255, got 5.5"),
        (json!(""), "Argument n: expected an integer, got \"\""),
    ] {
        assert_eq!(called(&client, "all", all(n)).await, mistake(expected));
    }
    assert_eq!(
        returned(&client, "order", order(|order| order["items"][0]["count"] = json!("100"))).await,
        "Argument order.items[0].count: expected an integer from 1 to 99, got 100"
    );
    // A text in a text is not more than a text.
    for text in [r#"{"$serde_json::private::RawValue":"1"}"#.to_owned(), "[".repeat(100_000)] {
        let said = returned(&client, "order", json!({"order": text})).await;
        assert!(said.as_str().unwrap().starts_with("Argument order: expected an object, got \""), "{said}");
    }
}

#[tokio::test]
async fn a_tool_may_differ_from_its_server() {
    let lenient = MemoryClient::new(Lenient);
    assert_eq!(
        called(&lenient, "exact", json!({"n": "5"})).await,
        mistake("Argument n: expected an integer, got \"5\"")
    );
    let exact = MemoryClient::new(Exact);
    assert_eq!(returned(&exact, "tolerant", json!({"n": "5", "other": 1})).await, json!(5));
}

#[tokio::test]
async fn schemas_can_be_written_out() {
    #[derive(Deserialize, JsonSchema, Serialize)]
    struct Point {
        x: f64,
    }

    #[derive(Deserialize, JsonSchema, Serialize)]
    struct Tree {
        at: Point,
        children: Vec<Tree>,
    }

    struct Written;

    #[mcp::server(inline_schemas)]
    impl Written {
        /// Return a tree.
        #[mcp::tool]
        fn tree(&self, from: Point, tree: Tree) -> Json<Tree> {
            Json(Tree { at: from, ..tree })
        }
    }

    let listed = crate::listed(Written).await;
    let point =
        json!({"type": "object", "properties": {"x": {"type": "number", "format": "double"}}, "required": ["x"]});
    let tree = json!({
        "type": "object",
        "properties": {
            "at": point,
            "children": {
                "type": "array",
                "items": {"type": "object", "description": "It has the form of the `Tree` that it is part of."},
            },
        },
        "required": ["at", "children"],
    });
    let input = json!({"type": "object", "properties": {"from": point, "tree": tree}, "required": ["from", "tree"]});
    assert_eq!(listed["inputSchema"], input);
    let mut output = listed["outputSchema"].clone();
    output.as_object_mut().unwrap().remove("title");
    assert_eq!(output, tree);
    let client = MemoryClient::new(Written);
    let leaf = json!({"at": {"x": 1.0}, "children": []});
    let tree = |inner| json!({"at": {"x": 2.0}, "children": [{"at": {"x": 3.0}, "children": [inner]}]});
    let arguments = json!({"from": {"x": 2.0}, "tree": tree(leaf.clone())});
    assert_eq!(returned(&client, "tree", arguments).await, tree(leaf));
    let arguments = json!({"from": {"x": 2.0}, "tree": tree(json!({"at": {"x": 1.0}}))});
    assert_eq!(
        called(&client, "tree", arguments).await,
        mistake("Argument tree.children[0].children[0].children is missing")
    );
}

#[tokio::test]
async fn a_number_that_json_does_not_have_is_an_error() {
    #[derive(JsonSchema, Serialize)]
    struct Weather {
        station: &'static str,
        celsius: Vec<Option<f64>>,
    }

    struct Station;

    #[mcp::server]
    impl Station {
        /// Measure.
        #[mcp::tool]
        fn measure(&self) -> Json<Weather> {
            Json(Weather { station: "north", celsius: vec![Some(1.0), None, Some(f64::NAN)] })
        }

        /// Divide.
        #[mcp::tool]
        fn divide(&self, a: f32, b: f32) -> Json<f32> {
            Json(a / b)
        }
    }

    let client = MemoryClient::new(Station);
    let error = client.call_tool("measure", json!({})).await.unwrap_err();
    assert_eq!(
        error.message(),
        "The result of the tool has no JSON form: `celsius[2]` is NaN, which is no number in JSON"
    );
    let error = client.call_tool("divide", json!({"a": 1, "b": 0})).await.unwrap_err();
    assert_eq!(error.message(), "The result of the tool has no JSON form: it is inf, which is no number in JSON");
    assert_eq!(returned(&client, "divide", json!({"a": 1, "b": 2})).await, json!(0.5));
}
