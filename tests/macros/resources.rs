//! Resources: URIs and templates, what is said about them, and what they return.

use std::borrow::Cow;

use mcp::{Error, Json, MemoryClient, ResourceContents, Server, resource, server};
use serde_json::{Value, json};

use crate::answered;

/// The only piece of what is read.
async fn read<S: Server>(client: &MemoryClient<S>, uri: &str) -> Value {
    let mut result = answered(client, "resources/read", json!({"uri": uri})).await;
    assert_eq!(result["contents"].as_array().map(Vec::len), Some(1), "{result}");
    result["contents"][0].take()
}

/// The text of what is read.
async fn read_text<S: Server>(client: &MemoryClient<S>, uri: &str) -> String {
    read(client, uri).await["text"].as_str().unwrap_or_default().to_owned()
}

/// The error of what can't be read.
async fn refused<S: Server>(client: &MemoryClient<S>, uri: &str) -> (Option<i64>, String) {
    let error = client.request("resources/read", json!({"uri": uri})).await.unwrap_err();
    (error.code().map(i64::from), error.message().to_owned())
}

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Color {
    Red,
    Blue,
}

#[derive(serde::Deserialize)]
struct Id(u64);

#[tokio::test]
async fn everything_that_can_be_said_about_a_resource() {
    struct Notes;

    #[server]
    impl Notes {
        /// Not this one.
        #[resource(
            "notes://all",
            name = "all-notes",
            title = "All notes",
            description = "Every \"note\".",
            mime_type = "text/plain; charset=utf-8",
            size = 1_024,
            ttl_ms = 60_000,
            audience = ["user", "assistant"],
            priority = 0.5,
            last_modified = "2025-01-12T15:00:58Z",
            icons = [
                "https://example.com/icon.png",
                { src = "data:image/png;base64,AAAA", mime_type = "image/png", sizes = ["48x48", "any"], theme = "dark" },
            ],
            meta = { "com.example/color": ["red", 1, -0.5, null, { "a": true }], "plain": {} },
            blocking,
        )]
        fn all(&self) -> &str {
            "milk"
        }

        /// One note.
        #[resource("notes://{id}")]
        fn note(&self, id: u64) -> String {
            id.to_string()
        }

        #[resource("notes://none")]
        fn undescribed(&self) -> String {
            String::new()
        }
    }

    let client = MemoryClient::new(Notes);
    let listed = answered(&client, "resources/list", json!({})).await;
    assert_eq!(
        listed["resources"],
        json!([
            {
                "uri": "notes://all",
                "name": "all-notes",
                "title": "All notes",
                "description": "Every \"note\".",
                "mimeType": "text/plain; charset=utf-8",
                "size": 1024,
                "annotations": {
                    "audience": ["user", "assistant"],
                    "priority": 0.5,
                    "lastModified": "2025-01-12T15:00:58Z",
                },
                "icons": [
                    {"src": "https://example.com/icon.png"},
                    {
                        "src": "data:image/png;base64,AAAA",
                        "mimeType": "image/png",
                        "sizes": ["48x48", "any"],
                        "theme": "dark",
                    },
                ],
                "_meta": {"com.example/color": ["red", 1, -0.5, null, {"a": true}], "plain": {}},
            },
            {"uri": "notes://none", "name": "undescribed"},
        ])
    );
    let listed = answered(&client, "resources/templates/list", json!({})).await;
    assert_eq!(
        listed["resourceTemplates"],
        json!([{"uriTemplate": "notes://{id}", "name": "note", "description": "One note."}])
    );
    assert_eq!(
        read(&client, "notes://all").await,
        json!({"uri": "notes://all", "mimeType": "text/plain; charset=utf-8", "text": "milk"})
    );
    assert_eq!(answered(&client, "resources/read", json!({"uri": "notes://all"})).await["ttlMs"], 60_000);
    assert_eq!(read_text(&client, "notes://7").await, "7");
}

#[tokio::test]
async fn variables_of_every_operator_and_type() {
    struct Notes;

    #[server]
    impl Notes {
        #[resource("a:{number}/{truth},{letter}")]
        fn simple(&self, truth: bool, letter: char, number: i8) -> String {
            format!("{number} {truth} {letter}")
        }

        #[resource("b:{id}{/color}{.kind}")]
        async fn types(&self, color: Color, id: Id, kind: Cow<'static, str>) -> String {
            format!("{} {color:?} {kind}", id.0)
        }

        #[resource("c:{+path}{?line,column}")]
        fn optional(&self, path: String, line: Option<u32>, #[arg(default = 80)] column: u8) -> String {
            format!("{path} {line:?} {column}")
        }

        #[resource("d:{file.name}{;r}")]
        fn renamed(
            &self,
            #[arg(name = "file.name")] file: String,
            #[arg(name = "r")] _unused: Option<String>,
        ) -> String {
            file
        }
    }

    let client = MemoryClient::new(Notes);
    for (uri, expected) in [
        ("a:-7/true,x", "-7 true x"),
        ("b:1/red.tar.gz", "1 Red tar.gz"),
        ("b:1/blue.%C3%BC", "1 Blue ü"),
        ("c:a/b?column=9&line=3", "a/b Some(3) 9"),
        ("c:a/b", "a/b None 80"),
        ("d:a%2Fb", "a/b"),
    ] {
        assert_eq!(read_text(&client, uri).await, expected, "{uri}");
    }
    for (uri, expected) in [
        ("a:300/true,x", "Invalid params: `number`"),
        ("b:1/green.x", "Invalid params: `color`"),
        ("c:a?line=x", "Invalid params: `line`"),
    ] {
        let (code, message) = refused(&client, uri).await;
        assert_eq!(code, Some(-32602));
        assert!(message.starts_with(expected), "{message}");
    }
    for uri in ["a:1/true", "b:1.x", "c:a?other=1", "e:1"] {
        assert_eq!(refused(&client, uri).await.0, Some(-32602), "{uri}");
    }
}

#[derive(serde::Serialize, schemars::JsonSchema)]
struct Weather {
    celsius: f64,
}

#[tokio::test]
async fn every_type_of_content() {
    struct Contents;

    #[server]
    impl Contents {
        #[resource("a:string")]
        fn string(&self) -> String {
            "text".to_owned()
        }

        #[resource("a:str")]
        async fn str<'a>(&'a self) -> &'a str {
            "text"
        }

        #[resource("a:cow")]
        fn cow(&self) -> Cow<'_, str> {
            "text".into()
        }

        #[resource("a:bytes", mime_type = "image/png")]
        fn bytes(&self) -> Vec<u8> {
            vec![1, 2, 3]
        }

        #[resource("a:data")]
        fn data(&self) -> Json<Weather> {
            Json(Weather { celsius: 22.5 })
        }

        #[resource("a:contents")]
        fn contents(&self) -> ResourceContents {
            ResourceContents::text("text").uri("a:other")
        }

        #[resource("a:option/{id}")]
        fn option(&self, id: u8) -> Option<String> {
            (id == 1).then(|| "text".to_owned())
        }

        #[resource("a:result/{id}")]
        async fn result(&self, id: u8) -> Result<Option<&str>, Error> {
            match id {
                0 => Err(Error::internal("no")),
                1 => Ok(Some("text")),
                _ => Ok(None),
            }
        }
    }

    let client = MemoryClient::new(Contents);
    for uri in ["a:string", "a:str", "a:cow", "a:option/1", "a:result/1"] {
        assert_eq!(read(&client, uri).await, json!({"uri": uri, "text": "text"}), "{uri}");
    }
    assert_eq!(read(&client, "a:bytes").await, json!({"uri": "a:bytes", "mimeType": "image/png", "blob": "AQID"}));
    assert_eq!(
        read(&client, "a:data").await,
        json!({"uri": "a:data", "mimeType": "application/json", "text": "{\"celsius\":22.5}"})
    );
    assert_eq!(read(&client, "a:contents").await, json!({"uri": "a:other", "text": "text"}));
    assert_eq!(refused(&client, "a:option/2").await.0, Some(-32602));
    assert_eq!(refused(&client, "a:result/2").await.0, Some(-32602));
    assert_eq!(refused(&client, "a:result/0").await, (Some(-32603), "no".to_owned()));
}

#[tokio::test]
async fn one_uri_in_two_conditions() {
    struct Notes;

    #[server]
    impl Notes {
        #[cfg(test)]
        #[resource("notes://{id}")]
        fn present(&self, id: String) -> String {
            id
        }

        #[cfg(not(test))]
        #[resource("notes://{name}")]
        fn absent(&self, name: Missing) -> String {
            name
        }
    }

    assert_eq!(read_text(&MemoryClient::new(Notes), "notes://x").await, "x");
}
