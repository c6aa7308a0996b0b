//! Malformed requests, and the error that each gets.

use axum::body::Body;

use crate::support::client::{Headers, Pieces, answer, call, message, modern_message, post, rejected, send, unchecked};
use crate::support::servers::{Workshop, notes_app};

fn bad(code: i32, message: &str) -> String {
    rejected("400 Bad Request", code, message)
}

#[tokio::test]
async fn a_body_must_be_one_message() {
    let app = Workshop::app();
    for (body, expected) in [
        (&b""[..], bad(-32700, "Parse error: EOF while parsing a value at line 1 column 0")),
        (b" \r\n\t ", bad(-32700, "Parse error: EOF while parsing a value at line 1 column 0")),
        (b"{", bad(-32700, "Parse error: EOF while parsing an object at line 1 column 1")),
        (b"{}{}", bad(-32700, "Parse error: trailing characters at line 1 column 3")),
        (b"nonsense", bad(-32700, "Parse error: expected ident at line 1 column 2")),
        (b"\xff\xfe{}", bad(-32700, "Parse error: the body is not valid UTF-8")),
        (b"{\"a\":\"\xed\xa0\x80\"}", bad(-32700, "Parse error: the body is not valid UTF-8")),
        // One byte order mark is left out, and no more.
        (b"\xef\xbb\xbf{}", bad(-32600, "Invalid request: `jsonrpc` must be \\\"2.0\\\"")),
        (b"\xef\xbb\xbf\xef\xbb\xbf{}", bad(-32700, "Parse error: expected value at line 1 column 1")),
        (
            b"{\"a\":\"\x00\"}",
            bad(
                -32700,
                "Parse error: control character (\\\\u0000-\\\\u001F) found while parsing a string at line 1 column 6",
            ),
        ),
        (b"{\"a\":1e999999}", bad(-32600, "Invalid request: `jsonrpc` must be \\\"2.0\\\"")),
        (b"{\"a\":NaN}", bad(-32700, "Parse error: expected value at line 1 column 6")),
        (b"[]", bad(-32600, "Invalid request: the batch is empty")),
        (b" [", bad(-32700, "Parse error: EOF while parsing a list at line 1 column 1")),
        (b"[7]", bad(-32600, "Invalid request: the message must be an object")),
        (b"[[]]", bad(-32600, "Invalid request: the message must be an object")),
        (b"\"ping\"", bad(-32600, "Invalid request: the message must be an object")),
        (
            b"{\"id\":1,\"method\":\"ping\"}",
            bad(-32600, "Invalid request: `jsonrpc` must be \\\"2.0\\\"").replacen(
                "\"jsonrpc\":\"2.0\",",
                "\"jsonrpc\":\"2.0\",\"id\":1,",
                1,
            ),
        ),
        (
            b"{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}",
            bad(-32600, "Invalid request: `id` must be a string or an integer"),
        ),
        (
            b"{\"jsonrpc\":\"2.0\",\"id\":1.0,\"method\":\"ping\"}",
            bad(-32600, "Invalid request: `id` must be a string or an integer"),
        ),
        (
            b"{\"jsonrpc\":\"2.0\",\"id\":[1],\"method\":\"ping\"}",
            bad(-32600, "Invalid request: `id` must be a string or an integer"),
        ),
        (
            b"{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":2,\"method\":\"ping\"}",
            bad(-32600, "Invalid request: duplicate field `id` at line 1 column 28"),
        ),
        (
            b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"m\\u0065thod\":\"x\"}",
            bad(-32600, "Invalid request: duplicate field `method` at line 1 column 53"),
        ),
        (
            b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\\ud800\"}",
            bad(-32700, "Parse error: unexpected end of hex escape at line 1 column 41"),
        ),
        (
            b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}",
            bad(-32600, "Invalid request: invalid type: integer `7`, expected a string at line 1 column 34"),
        ),
        (
            b"{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"params\":[]}",
            bad(-32602, "Invalid params: `params` must be an object"),
        ),
    ] {
        let response = send(&app, unchecked(post(&[], body.to_vec()))).await;
        let (head, text) = expected.split_once("\n\n").unwrap();
        let (status, _) = head.split_once('\n').unwrap();
        let shown = String::from_utf8_lossy(body);
        assert!(response.starts_with(status), "{shown}: {response}");
        assert_eq!(response.split_once("\n\n").unwrap().1, text, "{shown}");
    }
    // A method reads its own params, and not those of others.
    for (method, params, error) in [
        ("tools/call", r#""name":"a","name":"b""#, "duplicate field `name`"),
        ("tools/call", r#""name":"a","arguments":{},"argument\u0073":{}"#, "duplicate field `arguments`"),
        ("tools/call", r#""name":["a"]"#, "`name`: invalid type: sequence, expected a string"),
        ("tools/call", r#""name":"\udc00""#, "lone leading surrogate in hex escape"),
        ("tools/call", r#""cursor":7,"protocolVersion":[]"#, "`name` is missing"),
        ("tools/call", r#""name":null"#, "`name` is missing"),
        ("tools/list", r#""cursor":7,"name":7"#, "unknown cursor; begin without one"),
        ("initialize", r#""protocolVersion":7"#, "`protocolVersion`: invalid type: integer `7`, expected a string"),
        ("initialize", r#""name":7"#, "`protocolVersion` is missing"),
    ] {
        let request = unchecked(post(&[], message(method, params)));
        assert_eq!(
            send(&app, request).await.split_once("\n\n").unwrap().1,
            format!(r#"{{"jsonrpc":"2.0","id":1,"error":{{"code":-32602,"message":"Invalid params: {error}"}}}}"#),
            "{method} {params}"
        );
    }
    // An id comes back as it was.
    for id in [r#""\ud83d\ude00\u0000""#, "-0", "184467440737095516160000", r#""""#] {
        let request = unchecked(post(&[], format!(r#"{{"jsonrpc":"2.0","id": {id} ,"method":"ping"}}"#)));
        assert_eq!(
            send(&app, request).await.split_once("\n\n").unwrap().1,
            format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#)
        );
    }
}

#[tokio::test]
async fn a_body_must_be_what_its_headers_say() {
    let app = Workshop::app();
    let ping = message("ping", "");
    let served = "200 OK\ncontent-type: application/json\n\n{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}";
    let type_error = rejected("415 Unsupported Media Type", -32600, "Content-Type must be application/json");
    let accept_error =
        rejected("406 Not Acceptable", -32600, "Accept must list application/json and text/event-stream");
    let encoding_error = rejected("415 Unsupported Media Type", -32600, "The body must not have a Content-Encoding");
    let encoding_error = encoding_error.replacen('\n', "\naccept-encoding: identity\n", 1);
    let cases: [(Headers<'_>, &str); 19] = [
        (&[("content-encoding", "identity")], served),
        (&[("content-encoding", "Identity")], served),
        (&[("content-encoding", "gzip")], &encoding_error),
        (&[("content-encoding", "br")], &encoding_error),
        (&[("content-encoding", "identity, gzip")], &encoding_error),
        (&[("content-encoding", "identity"), ("content-encoding", "gzip")], &encoding_error),
        (&[("content-type", "application/json; charset=utf-8")], served),
        (&[("content-type", "Application/JSON")], served),
        (&[("content-type", "")], &type_error),
        (&[("content-type", "text/plain")], &type_error),
        (&[("content-type", "application/x-www-form-urlencoded")], &type_error),
        (&[("content-type", "application/jsonp")], &type_error),
        (&[("content-type", "application/json-seq")], &type_error),
        (&[("accept", "")], served),
        (&[("accept", "*/*")], served),
        (&[("accept", "application/json")], &accept_error),
        (&[("accept", "text/event-stream")], &accept_error),
        (&[("accept", "text/html,application/xhtml+xml")], &accept_error),
        (&[("accept", "application/json, text/event-stream;q=0")], &accept_error),
    ];
    for (headers, expected) in cases {
        assert_eq!(send(&app, post(headers, ping.clone())).await, expected, "{headers:?}");
    }
    let broken = Body::new(Pieces(vec![Ok("{"), Err(std::io::Error::other("reset"))]));
    assert_eq!(send(&app, post(&[], broken)).await, bad(-32600, "The body could not be read"));
    let pieces = Body::new(Pieces(vec![Ok(r#"{"jsonrpc":"2.0","#), Ok(""), Ok(r#""id":1,"method":"ping"}"#)]));
    assert_eq!(send(&app, post(&[], pieces)).await, served);
    // Some programs begin every text with a byte order mark.
    assert_eq!(send(&app, unchecked(post(&[], format!("\u{feff}{ping}")))).await, served);
    let pieces = Body::new(Pieces(vec![Ok("\u{feff}"), Ok(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#)]));
    assert_eq!(send(&app, post(&[], pieces)).await, served);
}

/// The error of an argument is for the model: which argument, and why.
#[tokio::test]
async fn a_wrong_argument_is_a_result_that_names_it() {
    let app = Workshop::app();
    let good = r#""stars":1,"word":"ab","list":[1]"#;
    for (arguments, expected) in [
        (good.to_owned(), r#"1 ab [1] None 0.5 None"#),
        (
            format!(r#"{good},"slug":null,"any":{{"a":[1]}}"#),
            r#"1 ab [1] None 0.5 Some(Object {"a": Array [Number(1)]})"#,
        ),
        (good.replace("\"stars\":1,", ""), "Argument stars is missing"),
        (good.replace('1', "0"), "Argument stars: must be at least 1 and at most 5, not 0"),
        (good.replacen('1', "6", 1), "Argument stars: must be at least 1 and at most 5, not 6"),
        (good.replacen('1', "256", 1), "Argument stars: expected an integer from 0 to 255, got 256"),
        (good.replacen('1', "-1", 1), "Argument stars: expected an integer from 0 to 255, got -1"),
        (good.replacen('1', "1.5", 1), "Argument stars: expected an integer from 0 to 255, got 1.5"),
        (good.replacen('1', "\"1\"", 1), "Argument stars: expected an integer, got \"1\""),
        (good.replacen('1', "null", 1), "Argument stars: expected an integer, got null"),
        (good.replace("ab", "a"), "Argument word: must have at least 2 and at most 3 characters, not 1"),
        (good.replace("ab", "äöüß"), "Argument word: must have at least 2 and at most 3 characters, not 4"),
        (good.replace("ab", r"\ud800\udc00b"), "1 𐀀b [1] None 0.5 None"),
        (good.replace("[1]", "[]"), "Argument list: must have at least 1 item, not 0"),
        (
            good.replace("[1]", "[9223372036854775808]"),
            "Argument list[0]: expected an integer from -9223372036854775808 to 9223372036854775807, got 9223372036854775808",
        ),
        (good.replace("[1]", "{}"), "Argument list: expected an array, got an object"),
        (format!(r#"{good},"slug":"A""#), "Argument slug: must match the pattern `^[a-z]+$`"),
        (format!(r#"{good},"share":1.0"#), "Argument share: must be at least 0.0 and less than 1.0, not 1.0"),
        (format!(r#"{good},"share":-1e-9"#), "Argument share: must be at least 0.0 and less than 1.0, not -1e-9"),
        (format!(r#"{good},"stars":1"#), "Argument stars is given twice"),
        (format!(r#"{good},"\u0073tars":1"#), "Argument stars is given twice"),
        (format!(r#"{good},"star":1"#), "Unknown argument `star`; did you mean `stars`?"),
        (
            format!(r#"{good},"other":1"#),
            "Unknown argument `other`; the arguments are: stars, word, list, slug, share, any",
        ),
        (
            format!(r#"{good},"_meta":1"#),
            "Unknown argument `_meta`; the arguments are: stars, word, list, slug, share, any",
        ),
    ] {
        let response = answer(&app, "2026-07-28", call("", "many", &format!("{{{arguments}}}"))).await;
        let response: serde_json::Value = serde_json::from_str(&response[4..]).expect("JSON");
        assert_eq!(response["result"]["content"][0]["text"], *expected, "{arguments}: {response}");
        let is_error = expected.contains("rgument");
        assert_eq!(response["result"].get("isError").is_some(), is_error, "{arguments}");
    }
    let huge = message("tools/call", &format!(r#""name":"many","arguments":{{{}}}"#, good.replacen('1', "1e400", 1)));
    let response = send(&app, unchecked(post(&[], huge))).await;
    assert!(
        response.contains(r#""text":"Argument stars: expected an integer from 0 to 255, got 1e400""#),
        "{response}"
    );
    let response = answer(&app, "2026-07-28", call("", "count", r#"{"n":1}"#)).await;
    assert!(response.contains("Unknown argument `n`; this tool takes no arguments"), "{response}");
}

/// The work for a message is in proportion to its size.
#[tokio::test]
async fn a_million_arguments_and_a_huge_name_are_soon_dealt_with() {
    let app = Workshop::app();
    let arguments: Vec<_> = (0..300_000).map(|n| format!("\"a{n:x}\":0")).collect();
    let body = message("tools/call", &format!(r#""name":"many","arguments":{{{}}}"#, arguments.join(",")));
    let response = send(&app, post(&[], body)).await;
    let expected = r#""error":{"code":-32602,"message":"Invalid params: `arguments` has more than 1000 members"}"#;
    assert!(response.contains(expected), "{response}");
    let body = message("tools/call", &format!(r#""name":"many","arguments":{{{}}}"#, arguments[..1000].join(",")));
    let response = send(&app, post(&[], body)).await;
    assert!(response.contains("Unknown argument `a0`; "), "{response}");
    let huge = "n".repeat(100_000);
    let body = modern_message("tools/call", &format!(r#""name":"{huge}""#));
    let headers = [("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/call"), ("mcp-name", &huge)];
    let response = send(&app, post(&headers, body)).await;
    let expected = format!(r#""error":{{"code":-32602,"message":"Unknown tool: {}"}}"#, &huge[..128]);
    assert!(response.contains(&expected), "{response}");
    let nested = format!("{{\"text\":\"{}\"}}", r#"[[{\"\\"#.repeat(10_000));
    let response = answer(&app, "2026-07-28", call("", "echo", &nested)).await;
    assert!(response.starts_with("200 ") && !response.contains("isError"), "{}", &response[..200]);
}

#[tokio::test]
async fn a_panic_is_one_failed_request() {
    for version in ["2026-07-28", "2025-11-25"] {
        let app = Workshop::app();
        for tool in ["panic_async", "panic_sync", "panic_blocking"] {
            let request = match version {
                "2026-07-28" => call("", tool, "{}"),
                _ => crate::support::client::legacy(version, "", "tools/call", &format!(r#""name":"{tool}""#)),
            };
            let response = send(&app, request).await;
            assert!(!response.contains("secret") && response.contains("The tool panicked"), "{response}");
        }
        assert!(send(&app, call("", "count", "{}")).await.contains(r#""text":"1""#));
    }
    // The guard comes first, as ever.
    assert!(send(&notes_app(), call("", "whoami", "{}")).await.starts_with("401 "));
}
