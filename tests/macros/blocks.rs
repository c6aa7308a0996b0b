//! The block: generics, conditions, names, and what a server says about itself.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use mcp::{AccessToken, MemoryClient, completion, prompt, resource, server, tool};
use serde_json::json;

use crate::{answered, called, listed, text};

#[tokio::test]
async fn a_generic_block_with_lifetimes_and_conditions() {
    struct Shelf<T, const N: usize> {
        items: [T; N],
        name: String,
    }

    #[server]
    impl<T, const N: usize> Shelf<T, N>
    where
        T: fmt::Display + Clone + serde::de::DeserializeOwned + schemars::JsonSchema + Send + Sync + 'static,
    {
        /// Name the shelf.
        #[tool]
        fn name<'a>(&'a self) -> &'a str {
            &self.name
        }

        /// Name the shelf, or whoever calls.
        #[tool]
        async fn caller<'a>(&'a self, token: Option<&'a AccessToken>) -> Result<Cow<'a, str>, mcp::Error> {
            Ok(token.map_or(&*self.name, |token| &token.client_id).into())
        }

        /// Compare with an item.
        #[tool]
        fn compare(&self, index: usize, item: T) -> String {
            format!("{} {item}", self.items[index])
        }
    }

    let client = MemoryClient::new(Shelf { items: [1.5, 2.5], name: "top".to_owned() });
    assert_eq!(called(&client, "name", json!({})).await, text("top"));
    assert_eq!(called(&client, "caller", json!({})).await, text("top"));
    assert_eq!(called(&client, "compare", json!({"index": 1, "item": 0.25})).await, text("2.5 0.25"));
}

#[tokio::test]
async fn a_block_of_a_type_with_a_lifetime() {
    struct Sign<'a> {
        text: &'a str,
    }

    #[server]
    impl<'a> Sign<'a> {
        /// Read the sign.
        #[tool]
        async fn read(&self, times: usize) -> String {
            tokio::task::yield_now().await;
            self.text.repeat(times)
        }

        /// Read the sign slowly.
        #[tool(blocking)]
        fn spell(&self) -> &'a str {
            self.text
        }
    }

    let client = MemoryClient::new(Sign { text: "Exit" });
    assert_eq!(called(&client, "read", json!({"times": 2})).await, text("ExitExit"));
    assert_eq!(called(&client, "spell", json!({})).await, text("Exit"));
}

#[tokio::test]
async fn a_deprecated_tool_is_still_a_tool() {
    struct Shop;

    #[server]
    impl Shop {
        /// Look around.
        #[tool]
        #[deprecated]
        fn look(&self) -> &'static str {
            "Shelves"
        }
    }

    assert_eq!(called(&MemoryClient::new(Shop), "look", json!({})).await, text("Shelves"));
}

#[tokio::test]
async fn a_renamed_crate() {
    mod vendored {
        pub(crate) use ::mcp as framework;
    }

    struct Notes;

    #[vendored::framework::server(crate = vendored::framework)]
    impl Notes {
        /// List every note.
        #[vendored::framework::tool]
        fn list(&self) {}
    }

    assert_eq!(
        listed(Notes).await,
        json!({
            "name": "list",
            "description": "List every note.",
            "inputSchema": {"type": "object", "properties": {}},
        })
    );
}

#[tokio::test]
async fn conditional_methods() {
    struct Notes;

    #[server]
    impl Notes {
        /// Is there.
        #[cfg(test)]
        #[tool]
        fn present(&self) {}

        /// Is not.
        #[cfg(not(test))]
        #[tool]
        fn absent(&self, missing: NoSuchType) {}

        /// Says that it is a test.
        #[tool]
        #[cfg(test)]
        fn which(&self) -> &str {
            "test"
        }

        /// Says that it is none.
        #[tool]
        #[cfg(not(test))]
        fn which(&self) -> &str {
            "release"
        }
    }

    // The condition of a block is that of the server.
    struct Absent;

    #[server]
    #[cfg(not(test))]
    impl Absent {
        /// Is not.
        #[tool]
        fn absent(&self) {}
    }

    #[server]
    impl Absent {
        /// Is there.
        #[tool]
        fn present(&self) {}
    }

    let client = MemoryClient::new(Notes);
    let names: Vec<_> = client.list_tools().await.unwrap().into_iter().map(|tool| tool["name"].clone()).collect();
    assert_eq!(names, ["present", "which"]);
    assert_eq!(called(&client, "which", json!({})).await, text("test"));
    assert_eq!(listed(Absent).await["name"], "present");
}

#[tokio::test]
async fn names_that_generated_code_uses_itself() {
    struct Notes;

    #[server]
    impl Notes {
        /// Take arguments by any name.
        #[tool]
        async fn names(&self, call: u8, self_: u8, r#type: u8, server: u8, request: u8, __mcp: u8) -> String {
            format!("{call}{self_}{type}{server}{request}{__mcp}")
        }

        /// Runs on another thread.
        #[tool(blocking)]
        fn r#match(&self, call: u8, token: Option<&AccessToken>) -> String {
            format!("{call}{}", token.is_some())
        }
    }

    let client = MemoryClient::new(Notes);
    let arguments = json!({"call": 1, "self_": 2, "type": 3, "server": 4, "request": 5, "__mcp": 6});
    assert_eq!(called(&client, "names", arguments).await, text("123456"));
    assert_eq!(called(&client, "match", json!({"call": 1})).await, text("1false"));
}

#[tokio::test]
async fn methods_that_a_smart_pointer_has_too() {
    struct Notes;

    #[server]
    impl Notes {
        /// Clone a note.
        #[tool]
        fn clone(&self) -> &str {
            "clone"
        }

        /// Borrow a note.
        #[tool]
        fn borrow(&self) -> &str {
            "borrow"
        }

        /// Refer to a note.
        #[tool]
        async fn as_ref(&self) -> &str {
            "as_ref"
        }

        /// Take a note.
        #[tool]
        fn take(&self, name: String) -> String {
            name
        }
    }

    let client = MemoryClient::new(Notes);
    for name in ["clone", "borrow", "as_ref"] {
        assert_eq!(called(&client, name, json!({})).await, text(name));
    }
    assert_eq!(called(&client, "take", json!({"name": "it"})).await, text("it"));
}

#[tokio::test]
async fn a_block_that_another_macro_writes() {
    macro_rules! counter {
        ($name:ident, $($method:ident: $argument:ident $number:ty = $default:expr),*) => {
            struct $name;

            #[server]
            impl $name {$(
                #[doc = concat!("Count in ", stringify!($number), ".")]
                #[tool(description = "Count.")]
                fn $method(self: &Self, #[arg(default = $default)] $argument: $number) -> $number {
                    $argument + 1
                }
            )*}
        };
    }
    counter!(Counter, small: from u8 = 1 + 1, large: from u64 = 41);

    let client = MemoryClient::new(Counter);
    assert_eq!(called(&client, "small", json!({})).await, text("3"));
    assert_eq!(called(&client, "large", json!({})).await, text("42"));
    assert_eq!(called(&client, "large", json!({"from": 9})).await, text("10"));
}

#[tokio::test]
async fn a_server_says_what_it_is() {
    struct Notes;

    #[server(name = "notes", version = "7", title = "The \"notes\"", instructions = "Ask.\nTwice.")]
    impl Notes {
        /// List every note.
        #[tool]
        fn list(&self) {}
    }

    struct Unnamed<T>(PhantomData<T>);

    #[server]
    impl Unnamed<u8> {
        /// List every note.
        #[tool]
        fn list(&self) {}
    }

    let discovered = MemoryClient::new(Notes).request("server/discover", json!({})).await.unwrap();
    assert_eq!(discovered["instructions"], "Ask.\nTwice.");
    assert_eq!(
        discovered["_meta"]["io.modelcontextprotocol/serverInfo"],
        json!({"name": "notes", "title": "The \"notes\"", "version": "7"})
    );
    let discovered = MemoryClient::new(Unnamed(PhantomData)).request("server/discover", json!({})).await.unwrap();
    assert_eq!(discovered.get("instructions"), None);
    assert_eq!(
        discovered["_meta"]["io.modelcontextprotocol/serverInfo"],
        json!({"name": "Unnamed", "version": env!("CARGO_PKG_VERSION")})
    );
}

#[tokio::test]
async fn every_kind_in_one_generic_block() {
    struct Shelf<T, const N: usize> {
        items: [T; N],
    }

    #[server(
        website = "https://example.com/shelf?page=1",
        icons = [{ src = "https://example.com/icon.png", mime_type = "image/png", sizes = ["48x48"] }],
    )]
    impl<T, const N: usize> Shelf<T, N>
    where
        T: fmt::Display + Clone + serde::de::DeserializeOwned + schemars::JsonSchema + Send + Sync + 'static,
    {
        /// Compare.
        #[tool]
        fn compare(&self, item: T) -> String {
            format!("{} {item}", self.items[0])
        }

        #[resource("shelf://{index}/{item}")]
        async fn r#in(&self, item: T, index: usize) -> Result<Cow<'_, str>, mcp::Error> {
            let found = self.items.get(index).ok_or_else(mcp::Error::not_found)?;
            Ok(format!("{found} {item}").into())
        }

        /// Describe an item.
        #[prompt]
        fn describe(&self, r#type: T, call: Option<u8>) -> String {
            format!("{type} {call:?}")
        }

        #[completion(prompt = "describe", argument = "type")]
        fn types(&self, r#type: String, call: Option<T>) -> Vec<String> {
            vec![r#type, call.map(|call| call.to_string()).unwrap_or_default()]
        }

        #[completion(resource = "shelf://{index}/{item}", argument = "item", blocking)]
        fn items(&self, item: String) -> Vec<String> {
            self.items.iter().map(|known| format!("{item}{known}")).collect()
        }
    }

    let client = MemoryClient::new(Shelf { items: [1.5, 2.5] });
    assert_eq!(called(&client, "compare", json!({"item": 0.25})).await, text("1.5 0.25"));
    let read = answered(&client, "resources/read", json!({"uri": "shelf://1/0.5"})).await;
    assert_eq!(read["contents"], json!([{"uri": "shelf://1/0.5", "text": "2.5 0.5"}]));
    let prompt = answered(&client, "prompts/get", json!({"name": "describe", "arguments": {"type": "1.25"}})).await;
    assert_eq!(prompt["messages"][0]["content"]["text"], "1.25 None");
    let complete = async |reference, name, others| {
        let params = json!({
            "ref": reference,
            "argument": {"name": name, "value": "x"},
            "context": {"arguments": others},
        });
        answered(&client, "completion/complete", params).await["completion"]["values"].take()
    };
    let prompt = json!({"type": "ref/prompt", "name": "describe"});
    assert_eq!(complete(prompt, "type", json!({"call": "3"})).await, json!(["x", "3"]));
    let template = json!({"type": "ref/resource", "uri": "shelf://{index}/{item}"});
    assert_eq!(complete(template, "item", json!({})).await, json!(["x1.5", "x2.5"]));

    let discovered = client.request("server/discover", json!({})).await.unwrap();
    assert_eq!(
        discovered["_meta"]["io.modelcontextprotocol/serverInfo"],
        json!({
            "name": "Shelf",
            "version": env!("CARGO_PKG_VERSION"),
            "websiteUrl": "https://example.com/shelf?page=1",
            "icons": [{"src": "https://example.com/icon.png", "mimeType": "image/png", "sizes": ["48x48"]}],
        })
    );
    let capabilities = discovered["capabilities"].as_object().unwrap();
    for kind in ["tools", "resources", "prompts", "completions"] {
        assert!(capabilities.contains_key(kind), "{kind}");
    }
}

#[tokio::test]
async fn a_block_without_tools() {
    struct Notes;

    #[server]
    impl Notes {
        #[resource("notes://all")]
        fn all(&self) -> &str {
            "milk"
        }
    }

    let client = MemoryClient::new(Notes);
    let read = answered(&client, "resources/read", json!({"uri": "notes://all"})).await;
    assert_eq!(read["contents"][0]["text"], "milk");
    assert_eq!(client.list_tools().await.unwrap_err().code(), Some(-32601));
}
