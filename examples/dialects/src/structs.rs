//! Structs, with what serde and schemars can say about them.

use std::collections::BTreeMap;

use mcp::Json;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) struct Structs;

/// A place on a plane.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Point {
    /// To the east.
    x: f64,
    /// To the north.
    y: f64,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Address {
    street_name: String,
    postal_code: String,
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Person {
    name: String,
    /// The place where the person lives.
    address: Address,
    work: Option<Address>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Route {
    /// The beginning.
    from: Point,
    to: Point,
    via: Vec<Point>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Tree {
    name: String,
    children: Vec<Tree>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Chain {
    value: i32,
    next: Option<Box<Chain>>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Paging {
    page: u32,
    per_page: Option<u32>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Search {
    text: String,
    #[serde(flatten)]
    paging: Paging,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Open {
    name: String,
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct Settings {
    retries: u8,
    verbose: bool,
    name: String,
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { retries: 3, verbose: false, name: "main".to_owned(), tags: Vec::new(), limit: None }
    }
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Account {
    #[serde(alias = "login")]
    user: String,
    #[serde(skip)]
    #[expect(dead_code, reason = "it is not in the schema")]
    cached: bool,
    #[serde(skip_serializing)]
    #[expect(dead_code, reason = "it is in the schema of the parameter alone")]
    password: Option<String>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Strict {
    id: u32,
    label: Option<String>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Page<T> {
    items: Vec<T>,
    next: Option<String>,
}

/// The number of a user.
#[derive(Serialize, Deserialize, JsonSchema)]
struct UserId(u64);

#[derive(Serialize, Deserialize, JsonSchema)]
struct Pair(String, i64);

#[derive(Serialize, Deserialize, JsonSchema)]
struct Order {
    /// The number of pieces.
    #[schemars(range(min = 1, max = 99))]
    count: u32,
    #[schemars(length(min = 1, max = 40))]
    name: String,
    #[schemars(regex(pattern = "^[A-Z]{2}-[0-9]+$"))]
    code: String,
    #[schemars(length(max = 3), inner(length(max = 8)))]
    tags: Vec<String>,
    buyer: UserId,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Empty {}

#[mcp::part(of = crate::Dialects)]
impl Structs {
    /// Return a point.
    #[mcp::tool(read_only)]
    fn struct_documented(&self, value: Point) -> Json<Point> {
        Json(value)
    }

    /// Return a person.
    #[mcp::tool(read_only)]
    fn struct_nested(&self, person: Person) -> Json<Person> {
        Json(person)
    }

    /// Return a route.
    #[mcp::tool(read_only)]
    fn struct_shared(&self, route: Route) -> Json<Route> {
        Json(route)
    }

    /// Return a tree.
    #[mcp::tool(read_only)]
    fn struct_recursive(&self, value: Tree) -> Json<Tree> {
        Json(value)
    }

    /// Return a chain.
    #[mcp::tool(read_only)]
    fn struct_recursive_option(&self, value: Chain) -> Json<Chain> {
        Json(value)
    }

    /// Return an address.
    #[mcp::tool(read_only)]
    fn struct_renamed(&self, value: Address) -> Json<Address> {
        Json(value)
    }

    /// Return a search.
    #[mcp::tool(read_only)]
    fn struct_flattened(&self, value: Search) -> Json<Search> {
        Json(value)
    }

    /// Return a struct with whatever else it was given.
    #[mcp::tool(read_only)]
    fn struct_flattened_map(&self, value: Open) -> Json<Open> {
        Json(value)
    }

    /// Return settings, all of which have defaults.
    #[mcp::tool(read_only)]
    fn struct_defaults(&self, value: Settings) -> Json<Settings> {
        Json(value)
    }

    /// Return an account without its password.
    #[mcp::tool(read_only)]
    fn struct_skipped(&self, value: Account) -> Json<Account> {
        Json(value)
    }

    /// Return a struct that takes no other members.
    #[mcp::tool(read_only)]
    fn struct_strict(&self, value: Strict) -> Json<Strict> {
        Json(value)
    }

    /// Return a page of points.
    #[mcp::tool(read_only)]
    fn struct_generic(&self, value: Page<Point>) -> Json<Page<Point>> {
        Json(value)
    }

    /// Return the number of a user.
    #[mcp::tool(read_only)]
    fn struct_newtype(&self, value: UserId) -> Json<UserId> {
        Json(value)
    }

    /// Return a pair.
    #[mcp::tool(read_only)]
    fn struct_tuple(&self, value: Pair) -> Json<Pair> {
        Json(value)
    }

    /// Return an order, whose members are limited.
    #[mcp::tool(read_only)]
    fn struct_limited(&self, value: Order) -> Json<Order> {
        Json(value)
    }

    /// Return a struct without members.
    #[mcp::tool(read_only)]
    fn struct_empty(&self, value: Empty) -> Json<Empty> {
        Json(value)
    }
}
