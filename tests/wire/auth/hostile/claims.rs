//! Claims: RFC 9068 §2.2 and §4, RFC 7519 §4.1.

use serde_json::{Value, json};

use super::Verdict::{self, Accepted, Expired, Invalid, NoScope, OtherAudience};
use super::{Kit, Vector, nested, vector, with_member};
use crate::support::clock::now;

pub(super) fn vectors(kit: &Kit) -> Vec<Vector> {
    let mut table = issuers(kit);
    table.extend(audiences(kit));
    table.extend(expiries(kit));
    table.extend(starts(kit));
    table.extend(scopes(kit));
    table.extend(names(kit));
    table.extend(texts(kit));
    table
}

/// A token for each value of a claim.
fn with_values(
    kit: &Kit,
    claim: &'static str,
    values: impl IntoIterator<Item = (Verdict, Value)>,
) -> impl Iterator<Item = Vector> {
    values.into_iter().map(move |(verdict, value)| {
        let shown: String = value.to_string().replace(kit.issuer.url(), "ISSUER").chars().take(60).collect();
        vector(verdict, format!("{claim} {shown}"), kit.good().claim(claim, value).mint())
    })
}

fn issuers(kit: &Kit) -> Vec<Vector> {
    let iss = kit.issuer.url();
    let port = iss.rsplit_once(':').expect("a port").1;
    let mut table = vec![vector(Invalid, "no iss", kit.good().without("iss").mint())];
    table.extend(with_values(
        kit,
        "iss",
        [
            json!([iss]),
            json!({"iss": iss}),
            json!(7),
            json!(null),
            json!(true),
            json!(""),
            json!(format!("{iss}/")),
            json!(format!("{iss}/.")),
            json!(format!("{iss}?")),
            json!(format!("{iss}#")),
            json!(format!(" {iss}")),
            json!(format!("{iss} ")),
            json!(format!("{iss}\u{0}")),
            json!(format!("{iss}.attacker.example")),
            json!(format!("{iss}@attacker.example")),
            json!(iss.replace("http", "HTTP")),
            json!(iss.replace("http", "https")),
            json!(iss.replace("127.0.0.1", "localhost")),
            json!(iss.replace("127.0.0.1", "127.1")),
            json!(iss.strip_prefix("http://")),
            json!(format!("http://user@127.0.0.1:{port}")),
            json!("https://auth.example.com"),
        ]
        .map(|value| (Invalid, value)),
    ));
    table
}

fn audiences(kit: &Kit) -> Vec<Vector> {
    let aud = &*kit.resource;
    let mut table = vec![vector(Invalid, "no aud", kit.good().without("aud").mint())];
    table.extend(with_values(
        kit,
        "aud",
        [
            (Accepted, json!(aud)),
            (Accepted, json!([aud])),
            (Accepted, json!(["https://other.example.com", aud])),
            (Accepted, json!([aud, aud])),
            (Invalid, json!([aud, 7])),
            (Invalid, json!([aud, null])),
            (Invalid, json!([[aud]])),
            (Invalid, json!({"aud": aud})),
            (Invalid, json!(7)),
            (Invalid, json!(true)),
            (Invalid, json!(null)),
            (Invalid, json!([])),
            (OtherAudience, json!("")),
            (OtherAudience, json!("*")),
            (OtherAudience, json!(["https://other.example.com"])),
            (OtherAudience, json!("https://other.example.com/mcp")),
            (OtherAudience, json!(&aud[..aud.len() - 1])),
            (OtherAudience, json!(format!("{aud}x"))),
            (OtherAudience, json!(format!("{aud}/"))),
            (OtherAudience, json!(format!("{aud}/admin"))),
            (OtherAudience, json!(format!("{aud}?a=b"))),
            (OtherAudience, json!(format!("{aud}#a"))),
            (OtherAudience, json!(format!(" {aud}"))),
            (OtherAudience, json!(format!("{aud} https://other.example.com"))),
            (OtherAudience, json!(format!("{aud},https://other.example.com"))),
            (OtherAudience, json!(aud.replace("http", "HTTP"))),
            (OtherAudience, json!(aud.replace("/mcp", "/MCP"))),
            (OtherAudience, json!(aud.replace("/mcp", ""))),
            (OtherAudience, json!(aud.replace("/mcp", "/%6dcp"))),
            (OtherAudience, json!(aud.replace("/mcp", "/./mcp"))),
            (OtherAudience, json!(aud.replace("127.0.0.1", "localhost"))),
            (OtherAudience, json!(aud.replace(":8000", ""))),
            (OtherAudience, json!(kit.issuer.url())),
        ],
    ));
    table.push(
        vector(Invalid, "no aud, but a resource", kit.good().without("aud").claim("resource", aud).mint())
            .because("RFC 9068 §4 asks for `aud`"),
    );
    table
}

fn expiries(kit: &Kit) -> Vec<Vector> {
    let now = now();
    let mut table = vec![
        vector(Invalid, "no exp", kit.good().without("exp").mint()).because("a token that is stolen must end"),
        vector(Expired, "expired, and for somebody else", kit.good().expired().claim("aud", "https://other").mint()),
        vector(Invalid, "expired, and of another issuer", kit.good().expired().claim("iss", "https://other").mint()),
        vector(Invalid, "expired, and signed by a stranger", kit.good().expired().signed_by(&kit.stranger).mint())
            .because("who forges a token learns nothing"),
        vector(Invalid, "expired, and without a client", kit.good().expired().without("client_id").mint()),
    ];
    table.extend(with_values(
        kit,
        "exp",
        [
            (Accepted, json!(now + 3600)),
            (Accepted, json!(253_402_300_799_u64)),
            (Invalid, json!(253_402_300_800_u64)),
            (Invalid, json!(u64::MAX)),
            (Invalid, json!(i64::MIN)),
            (Invalid, json!(-1)),
            (Invalid, json!(-0.5)),
            (Invalid, json!(1e300)),
            (Expired, json!(0)),
            (Expired, json!(1)),
            (Expired, json!(0.5)),
            (Expired, json!(now - 3600)),
            (Invalid, json!((now + 3600).to_string())),
            (Invalid, json!("2999-01-01T00:00:00Z")),
            (Invalid, json!("")),
            (Invalid, json!("NaN")),
            (Invalid, json!(true)),
            (Invalid, json!(false)),
            (Invalid, json!(null)),
            (Invalid, json!([now + 3600])),
            (Invalid, json!({"exp": now + 3600})),
        ],
    ));
    table.extend([
        vector(Expired, "exp now", kit.good().claim("exp", now).mint())
            .because("RFC 7519 §4.1.4: on or after it; the issuer chose it, so there is no leeway"),
        vector(Expired, "exp a second ago", kit.good().claim("exp", now - 1).mint()),
        vector(Accepted, "exp with a fraction", kit.good().claim("exp", json!(now as f64 + 3600.5)).mint())
            .because("RFC 7519 §2: a NumericDate may have one"),
    ]);
    for (json, verdict) in [
        ("1e10", Accepted),
        ("1E+10", Accepted),
        ("-0", Expired),
        ("-0.0", Expired),
        ("1e-400", Expired),
        ("1e400", Invalid),
        ("-1e400", Invalid),
        ("NaN", Invalid),
        ("Infinity", Invalid),
        ("0x7fffffff", Invalid),
        ("09999999999", Invalid),
        ("+9999999999", Invalid),
        ("9999999999.", Invalid),
        (".9e10", Invalid),
        ("99999999999999999999999999999999", Invalid),
    ] {
        table.push(vector(verdict, format!("exp as the text {json}"), kit.with_raw_claim("exp", json)));
    }
    table.push(vector(Invalid, "exp of 400 digits", kit.with_raw_claim("exp", &"9".repeat(400))));
    table
}

fn starts(kit: &Kit) -> Vec<Vector> {
    let now = now();
    let mut table = vec![
        vector(Accepted, "no iat", kit.good().without("iat").mint())
            .because("RFC 9068 §2.2 requires it, but nothing depends on it, and providers leave it out"),
    ];
    for claim in ["nbf", "iat"] {
        for (name, value, verdict) in [
            ("long ago", json!(now - 1_000_000), Accepted),
            ("zero", json!(0), Accepted),
            ("now", json!(now), Accepted),
            ("within the leeway", json!(now + 30), Accepted),
            ("beyond the leeway", json!(now + 3600), Invalid),
            ("in 9999", json!(253_402_300_799_u64), Invalid),
            ("after 9999", json!(253_402_300_800_u64), Invalid),
            ("a fraction", json!(now as f64 - 0.5), Accepted),
            ("a fraction in the future", json!(now as f64 + 3600.5), Invalid),
            ("negative", json!(-1), Invalid),
            ("a text", json!(now.to_string()), Invalid),
            ("null", json!(null), Invalid),
            ("true", json!(true), Invalid),
            ("a list", json!([now]), Invalid),
            ("1e300", json!(1e300), Invalid),
        ] {
            table.push(
                vector(verdict, format!("{claim} {name}"), kit.good().claim(claim, value).mint())
                    .because("clocks differ by up to a minute; what is there is a date"),
            );
        }
        table.push(vector(Invalid, format!("{claim} 1e400"), kit.with_raw_claim(claim, "1e400")));
    }
    table
}

fn scopes(kit: &Kit) -> Vec<Vector> {
    let mut table = vec![
        vector(NoScope, "no scope", kit.good().without("scope").mint()),
        vector(Accepted, "scp instead of scope", kit.good().without("scope").claim("scp", "notes:read").mint())
            .because("Entra ID and Okta call it so"),
        vector(Accepted, "scp as a list", kit.good().without("scope").claim("scp", json!(["a", "notes:read"])).mint()),
        vector(Invalid, "scp a number", kit.good().without("scope").claim("scp", 7).mint()),
        vector(
            Invalid,
            "scp a list with a number",
            kit.good().without("scope").claim("scp", json!(["notes:read", 7])).mint(),
        ),
        vector(Invalid, "scp null", kit.good().without("scope").claim("scp", json!(null)).mint()),
        vector(NoScope, "scope without, scp with it", kit.good().claim("scope", "").claim("scp", "notes:read").mint())
            .because("one of two that disagree counts, and it is the one of the standard"),
        vector(Accepted, "scope with, scp a number", kit.good().claim("scp", 7).mint())
            .because("where there is a `scope`, nothing else is read"),
        vector(NoScope, "roles instead", kit.good().without("scope").claim("roles", json!(["notes:read"])).mint()),
        vector(NoScope, "scopes instead", kit.good().without("scope").claim("scopes", "notes:read").mint()),
        vector(NoScope, "Scope instead", kit.good().without("scope").claim("Scope", "notes:read").mint()),
    ];
    table.extend(with_values(
        kit,
        "scope",
        [
            (Accepted, json!("a notes:read b")),
            (Accepted, json!("notes:read notes:read")),
            (Accepted, json!("  notes:read  ")),
            // Broader ones, by the hierarchy of the server.
            (Accepted, json!("notes:write")),
            (Accepted, json!("notes:admin")),
            (Accepted, json!(["notes:read"])),
            (NoScope, json!([])),
            (NoScope, json!("")),
            (NoScope, json!("*")),
            (NoScope, json!("notes:*")),
            (NoScope, json!("notes")),
            (NoScope, json!("NOTES:READ")),
            (NoScope, json!("notes:reader")),
            (NoScope, json!("xnotes:read")),
            (NoScope, json!("a\tnotes:read")),
            (NoScope, json!("a\nnotes:read")),
            (NoScope, json!("a,notes:read")),
            (NoScope, json!("a+notes:read")),
            (NoScope, json!("a\u{a0}notes:read")),
            (NoScope, json!("notes:read\u{0}")),
            (NoScope, json!("notes\u{ff1a}read")),
            (NoScope, json!(["notes:read notes:write"])),
            (Invalid, json!(["notes:read", 7])),
            (Invalid, json!([["notes:read"]])),
            (Invalid, json!({"notes:read": true})),
            (Invalid, json!(7)),
            (Invalid, json!(true)),
            (Invalid, json!(null)),
        ],
    ));
    table
}

fn names(kit: &Kit) -> Vec<Vector> {
    let mut table = vec![
        vector(Invalid, "no client_id", kit.good().without("client_id").mint()).because("RFC 9068 §2.2 requires it"),
        vector(Invalid, "azp instead of client_id", kit.good().without("client_id").claim("azp", "test-client").mint())
            .because("`JwtProfile::client_claim` is for providers that call it so"),
        vector(Accepted, "no sub", kit.good().without("sub").mint())
            .because("RFC 9068 §2.2 requires it, but not every provider has one for a client of its own"),
        vector(Accepted, "no jti", kit.good().without("jti").mint()).because("nothing here depends on it"),
    ];
    let wrong = || [json!(7), json!(true), json!(null), json!(["x"]), json!({})];
    for claim in ["client_id", "sub", "jti"] {
        table.extend(with_values(kit, claim, wrong().map(|value| (Invalid, value))));
    }
    table.extend(with_values(
        kit,
        "client_id",
        [(Invalid, json!("")), (Accepted, json!("https://client.example/日本"))],
    ));
    table.extend(with_values(kit, "sub", [(Accepted, json!("")), (Accepted, json!("x".repeat(4000)))]));
    let bound = [
        json!({"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}),
        json!({"x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"}),
        json!({"kid": "k"}),
        json!({}),
        json!(null),
    ];
    table.extend(with_values(kit, "cnf", bound.map(|value| (Invalid, value))).map(|vector| {
        vector
            .because("RFC 9449 §7.2 leaves it open: a token that needs a proof is not taken without one (RFC 8705 §3)")
    }));
    table
}

/// Claims as texts that no library writes.
fn texts(kit: &Kit) -> Vec<Vector> {
    let claims = kit.good().claims_json();
    let with = |name: &str, json: &str| kit.with_claims(with_member(&claims, name, json));
    let bytes =
        |bytes: &[u8]| kit.with_claims([claims.strip_suffix('}').expect("an object").as_bytes(), bytes].concat());
    let mut table = Vec::new();
    for (name, json) in [
        ("iss", r#""https://other""#.to_owned()),
        ("iss", json!(kit.issuer.url()).to_string()),
        ("aud", json!(kit.resource).to_string()),
        ("exp", "9999999999".to_owned()),
        ("exp", "0".to_owned()),
        ("scope", r#""notes:admin""#.to_owned()),
        ("client_id", r#""admin""#.to_owned()),
        ("\\u0073ub", r#""admin""#.to_owned()),
        ("x\":1,\"x", "1".to_owned()),
        ("x", r#"{"y":{"z":1,"z":1}}"#.to_owned()),
        ("x", r#"[[{"y":1,"\u0079":1}]]"#.to_owned()),
    ] {
        let shown = json.replace(kit.issuer.url(), "ISSUER");
        table.push(
            vector(Invalid, format!("twice: {name:?} {shown}"), with(name, &json)).because(
                "RFC 7519 §4 lets the last one count; whoever checked the token before may have read the first",
            ),
        );
    }
    table.extend([
        vector(Invalid, "claims []", kit.with_claims("[]")),
        vector(Invalid, "claims in a list", kit.with_claims(format!("[{claims}]"))),
        vector(Invalid, "claims null", kit.with_claims("null")),
        vector(Invalid, "claims 1", kit.with_claims("1")),
        vector(Invalid, "claims in a text", kit.with_claims(Value::from(&*claims).to_string())),
        vector(Invalid, "claims {}", kit.with_claims("{}")),
        vector(Invalid, "no claims, correctly signed", kit.with_claims("")),
        vector(Invalid, "another token as claims", kit.with_claims(kit.good().mint())),
        vector(Invalid, "claims without their end", bytes(b"")),
        vector(Invalid, "claims with a comma at their end", bytes(b",}")),
        vector(Invalid, "claims and something", kit.with_claims(format!("{claims}x"))),
        vector(Invalid, "claims and a NUL", kit.with_claims(format!("{claims}\0"))),
        vector(Invalid, "claims twice", kit.with_claims(format!("{claims}{claims}"))),
        vector(Invalid, "claims with a comment", kit.with_claims(format!("{claims}//"))),
        vector(Invalid, "claims with a BOM", kit.with_claims(format!("\u{feff}{claims}"))),
        vector(Accepted, "claims with white space", kit.with_claims(format!(" {claims}\r\n\t"))).because("it is JSON"),
        vector(
            Invalid,
            "claims in UTF-16",
            kit.with_claims(claims.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()),
        ),
        vector(Invalid, "claims compressed", kit.with_claims(b"\x1f\x8b\x08\0\0\0\0\0")),
        vector(Invalid, "claims with invalid UTF-8", bytes(b",\"x\":\"\xff\"}")),
        vector(Invalid, "claims with an overlong NUL", bytes(b",\"x\":\"\xc0\x80\"}")),
        vector(Invalid, "claims with a surrogate in UTF-8", bytes(b",\"x\":\"\xed\xa0\x80\"}")),
        vector(Invalid, "claims with a lone surrogate", with("x", r#""\ud800""#)),
        vector(Invalid, "claims with surrogates in the wrong order", with("x", r#""\udc00\ud800""#)),
        vector(Accepted, "claims with an escaped NUL", with("x", r#""\u0000""#)),
        vector(Accepted, "claims with a name of nothing", with("", "1")),
        vector(Accepted, "claims with `__proto__`", with("__proto__", r#"{"scope":"notes:admin"}"#)),
        vector(Invalid, "a claim 1e400", with("x", "1e400")).because("no number that everyone reads in the same way"),
        vector(Invalid, "a claim NaN", with("x", "NaN")),
        vector(Accepted, "a claim of 30 digits", with("x", &"9".repeat(30))),
        vector(Accepted, "a thousand claims", {
            let more: String = (0..1000).map(|index| format!(",\"c{index}\":1")).collect();
            bytes(format!("{more}}}").as_bytes())
        }),
        vector(Invalid, "10 000 lists in each other", kit.with_claims("[".repeat(10_000))),
    ]);
    for (levels, verdict) in [(10, Accepted), (31, Accepted), (32, Invalid), (1000, Invalid)] {
        table.push(
            vector(verdict, format!("claims nested {levels} levels deep"), with("x", &nested(levels)))
                .because("32 levels in all are more than anyone writes, and no stack"),
        );
    }
    table
}
