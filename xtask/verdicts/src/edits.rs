//! The mutations of a token that is signed already.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::draft::Draft;
use crate::random::Random;

/// Writes a part in another form of base64.
pub(crate) fn base64(draft: &mut Draft, random: &mut Random) -> String {
    let part = random.below(3);
    let (detail, change): (_, fn(&str) -> String) = *random.one_of::<(&str, fn(&str) -> String)>(&[
        ("padding", |text| format!("{text}{}", "=".repeat((4 - text.len() % 4) % 4))),
        ("one padding", |text| format!("{text}=")),
        ("the standard alphabet", |text| text.replace('-', "+").replace('_', "/")),
        ("other last bits", with_loose_bits),
        ("a line break behind", |text| format!("{text}\n")),
        ("a space inside", |text| insert(text, " ")),
        ("a line break inside", |text| insert(text, "\r\n")),
        ("a character behind", |text| format!("{text}A")),
        ("four characters behind", |text| format!("{text}AAAA")),
        ("a character of no alphabet inside", |text| insert(text, "!")),
        ("padding inside", |text| insert(text, "=")),
        ("an escape", |text| text.replacen('e', "%65", 1)),
        ("lower case", str::to_lowercase),
        ("encoded twice", |text| URL_SAFE_NO_PAD.encode(text)),
        ("the standard alphabet of other bytes", |_| STANDARD_NO_PAD.encode([0xff; 64])),
    ]);
    draft.edits.push(Box::new(move |token| {
        let parts = token.split('.').enumerate();
        let parts: Vec<String> =
            parts.map(|(number, text)| if number == part { change(text) } else { text.to_owned() }).collect();
        parts.join(".")
    }));
    format!("{detail}, part {part}")
}

fn insert(text: &str, inserted: &str) -> String {
    let half = text.len() / 2;
    match (text.get(..half), text.get(half..)) {
        (Some(start), Some(end)) => format!("{start}{inserted}{end}"),
        _ => text.to_owned(),
    }
}

/// Changes the last character so that a lenient decoder does not notice.
fn with_loose_bits(text: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut bytes = text.as_bytes().to_vec();
    if let Some(last) = bytes.last_mut()
        && let Some(position) = ALPHABET.iter().position(|known| known == last)
    {
        *last = ALPHABET[position ^ 1];
    }
    String::from_utf8(bytes).unwrap_or_default()
}

/// Takes the parts of a token apart.
pub(crate) fn parts(draft: &mut Draft, random: &mut Random) -> String {
    let (detail, edit): (_, fn(String) -> String) = *random.one_of::<(&str, fn(String) -> String)>(&[
        ("a dot in front", |token| format!(".{token}")),
        ("a dot behind", |token| format!("{token}.")),
        ("a part behind", |token| format!("{token}.AAAA")),
        ("no signature", |token| token.rsplit_once('.').map(|(rest, _)| format!("{rest}.")).unwrap_or(token)),
        ("two parts", |token| token.rsplit_once('.').map(|(rest, _)| rest.to_owned()).unwrap_or(token)),
        ("from behind", |token| token.rsplit('.').collect::<Vec<_>>().join(".")),
        ("no claims", |token| {
            let mut parts: Vec<&str> = token.split('.').collect();
            if let Some(claims) = parts.get_mut(1) {
                *claims = "";
            }
            parts.join(".")
        }),
        ("a space in front", |token| format!(" {token}")),
        ("a space behind", |token| format!("{token} ")),
        ("the JSON serialisation", |token| {
            let parts: Vec<&str> = token.split('.').collect();
            match parts.as_slice() {
                [header, claims, signature] => {
                    serde_json::json!({"protected": header, "payload": claims, "signature": signature}).to_string()
                }
                _ => token,
            }
        }),
    ]);
    draft.edits.push(Box::new(edit));
    detail.to_owned()
}

/// A change of the bytes of a signature.
type Change = Box<dyn FnOnce(Vec<u8>) -> Vec<u8>>;

/// Changes the bytes of a signature.
pub(crate) fn signature(draft: &mut Draft, random: &mut Random) -> String {
    let position = random.below(64);
    let bit = random.below(8);
    let (detail, change): (_, Change) = match random.below(9) {
        0 => ("zeros", Box::new(|bytes| vec![0; bytes.len()])),
        1 => (
            "a byte less",
            Box::new(|mut bytes| {
                bytes.pop();
                bytes
            }),
        ),
        2 => (
            "a zero behind",
            Box::new(|mut bytes| {
                bytes.push(0);
                bytes
            }),
        ),
        3 => ("a zero in front", Box::new(|bytes| [&[0], &*bytes].concat())),
        4 => (
            "halves swapped",
            Box::new(|bytes| {
                let (r, s) = bytes.split_at(bytes.len() / 2);
                [s, r].concat()
            }),
        ),
        5 => (
            "in DER",
            Box::new(|bytes| {
                let (r, s) = bytes.split_at(bytes.len() / 2);
                der(r, s)
            }),
        ),
        6 => ("the other s", Box::new(|bytes| other_s(&bytes))),
        7 => ("twice", Box::new(|bytes| bytes.repeat(2))),
        _ => (
            "another bit",
            Box::new(move |mut bytes| {
                if let Some(byte) = bytes.get_mut(position) {
                    *byte ^= 1 << bit;
                }
                bytes
            }),
        ),
    };
    draft.edits.push(Box::new(move |token| {
        let Some((message, signature)) = token.rsplit_once('.') else { return token };
        match URL_SAFE_NO_PAD.decode(signature) {
            Ok(bytes) => format!("{message}.{}", URL_SAFE_NO_PAD.encode(change(bytes))),
            Err(_) => token,
        }
    }));
    format!("{detail}, {}", draft.key.alg())
}

/// Writes a signature of ECDSA as X.509 does (RFC 3279 §2.2.3).
fn der(r: &[u8], s: &[u8]) -> Vec<u8> {
    let element = |tag: u8, bytes: &[u8]| [&[tag, u8::try_from(bytes.len()).unwrap_or_default()], bytes].concat();
    let integer = |bytes: &[u8]| element(2, &[&[0], bytes].concat());
    element(0x30, &[integer(r), integer(s)].concat())
}

/// Returns the second valid signature of ECDSA on P-256, which has the negative `s`.
fn other_s(bytes: &[u8]) -> Vec<u8> {
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad,
        0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let Some((r, s)) = bytes.split_at_checked(32).filter(|(_, s)| s.len() == 32) else { return bytes.to_vec() };
    let mut negative = [0; 32];
    let mut borrow = false;
    for ((digit, order), s) in negative.iter_mut().zip(ORDER).zip(s.iter().copied()).rev() {
        let (difference, first) = order.overflowing_sub(s);
        let (difference, second) = difference.overflowing_sub(u8::from(borrow));
        (*digit, borrow) = (difference, first || second);
    }
    [r, &negative].concat()
}
