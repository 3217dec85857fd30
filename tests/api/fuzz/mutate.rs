//! Mutates one to three places of a valid request. The result is still well-formed HTTP.

use std::sync::LazyLock;

use serde_json::Value as Json;

use super::call::{Call, in_path, in_query};
use super::dice::Dice;

const METHODS: &[&str] =
    &["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS", "TRACE", "get", "PURGE", "X-Y"];

/// Replacements for values in a body: valid and almost valid JSON.
static FRAGMENTS: LazyLock<Vec<&str>> =
    LazyLock::new(|| include_str!("fragments.txt").lines().collect());

/// Replacements for parts of URLs and headers.
static WORDS: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("words.txt").lines().collect());

/// The longest value of an option, in bytes: longer than the service accepts.
const LONGEST_VALUE: usize = 33_000;
/// The longest URL, in bytes: a longer one never reaches the service.
const LONGEST_URL: usize = 60_000;

/// Mutates one to three places.
pub(super) fn mutate(dice: &mut Dice, call: &mut Call) {
    call.succeeds = false;
    for _ in 0..=dice.below(3) {
        match dice.below(10) {
            0..=3 if !call.body.is_empty() => body(dice, &mut call.body),
            4..=6 => query(dice, call),
            7 => headers(dice, call),
            8 => path(dice, call),
            _ if dice.one_in(4) => call.method = dice.pick(METHODS).into(),
            _ => query(dice, call),
        }
    }
}

fn body(dice: &mut Dice, body: &mut Vec<u8>) {
    match dice.below(10) {
        0..=5 => {
            let fragment = fragment(dice);
            replace_node(dice, body, &fragment);
        }
        6 => double_name(dice, body),
        7 if dice.one_in(100) => body.resize(4 * 1024 * 1024 + 1, b' '),
        7 => body.truncate(dice.below(body.len())),
        _ => bytes(dice, body),
    }
}

/// Flips, adds, repeats or removes some bytes.
pub(super) fn bytes(dice: &mut Dice, bytes: &mut Vec<u8>) {
    let at = dice.below(bytes.len());
    let end = (at + 1 + dice.below(20)).min(bytes.len());
    match dice.below(4) {
        0 if at < end => bytes[at] = dice.byte(),
        1 => {
            bytes.drain(at..end);
        }
        2 => {
            let again = bytes[at..end].to_vec();
            bytes.splice(at..at, again);
        }
        _ => bytes.insert(at, dice.byte()),
    }
}

fn fragment(dice: &mut Dice) -> String {
    match dice.below(30) {
        0 => "[".repeat(dice.pick(&[31, 32, 33, 200, 100_000])),
        1 => {
            let depth = dice.pick(&[5, 29, 31, 40]);
            format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth))
        }
        2 => format!("\"{}\"", "y".repeat(dice.pick(&[255, 256, 1000, 70_000, 1_000_000]))),
        3 => format!("[{}]", vec!["{}"; dice.pick(&[2, 999, 1001, 5000])].join(",")),
        4 => "9".repeat(dice.pick(&[19, 20, 400, 5000])),
        _ => dice.pick(&FRAGMENTS).into(),
    }
}

/// Replaces a random value by a text.
fn replace_node(dice: &mut Dice, body: &mut Vec<u8>, fragment: &str) {
    const PLACE: &str = "the place of the fragment";
    let Ok(mut json) = serde_json::from_slice::<Json>(body) else { return bytes(dice, body) };
    let mut node = &mut json;
    loop {
        let inner = match &node {
            Json::Array(items) => items.len(),
            Json::Object(members) => members.len(),
            _ => 0,
        };
        if inner == 0 || dice.one_in(6) {
            break;
        }
        let chosen = dice.below(inner);
        node = match node {
            Json::Array(items) => &mut items[chosen],
            Json::Object(members) => members.values_mut().nth(chosen).unwrap(),
            _ => break,
        };
    }
    *node = PLACE.into();
    *body = json.to_string().replace(&format!("\"{PLACE}\""), fragment).into_bytes();
}

/// Repeats the name of a member, or spells it differently.
fn double_name(dice: &mut Dice, body: &mut Vec<u8>) {
    let text = String::from_utf8_lossy(body).into_owned();
    let names: Vec<&str> =
        text.split('"').filter(|it| it.bytes().all(|b| b.is_ascii_alphabetic())).collect();
    if names.is_empty() {
        return;
    }
    let name = dice.pick(&names);
    let new = match dice.below(4) {
        0 => format!("\"{name}\":null,\"{name}\""),
        1 => format!("\"{}\"", name.to_uppercase()),
        2 => format!("\"{name}\":0,\"{}\"", name.to_uppercase()),
        _ => format!("\"{name}@odata.bind\""),
    };
    *body = text.replacen(&format!("\"{name}\""), &new, 1).into_bytes();
}

fn query(dice: &mut Dice, call: &mut Call) {
    let word = dice.pick(&WORDS);
    let at = dice.below(call.query.len());
    if call.query.is_empty() || dice.one_in(4) {
        let name = dice.pick(&[
            "$filter",
            "$orderby",
            "$expand",
            "$select",
            "$top",
            "$skip",
            "$count",
            "$skiptoken",
            "$search",
            "$apply",
            "$format",
            "filter",
            "$FILTER",
            "%24filter",
            "",
            "x",
        ]);
        call.query.push((name.into(), in_query(word)));
        return;
    }
    let again = call.query[at].clone();
    let (name, value) = &mut call.query[at];
    match dice.below(9) {
        0 => *value = in_query(word),
        1 => call.query.push(again),
        2 => *name = dice.pick(&["$filter", "$orderby", "$expand", "$select", "$skiptoken"]).into(),
        3 => value.push_str(dice.pick(&["%", "%0", "%zz", "+", "&", "&&", "=", "%00", "%20"])),
        4 => {
            let place = dice.pick(&["%28", "%20not%20", "-", "not%28"]);
            *value = format!("{}{value}", place.repeat(dice.pick(&[1, 20, 150, 2000])));
        }
        5 => *value = vec![value.as_str(); dice.pick(&[2, 30, 300])].join("%20and%20"),
        6 => *value = value.to_uppercase(),
        7 => {
            let mut decoded = percent_encoding::percent_decode_str(value).collect();
            bytes(dice, &mut decoded);
            *value = percent_encoding::percent_encode(&decoded, percent_encoding::NON_ALPHANUMERIC)
                .to_string();
        }
        _ => {
            let decoded =
                percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned();
            let mut words: Vec<&str> = decoded.split(' ').collect();
            let place = dice.below(words.len());
            words[place] = word;
            *value = in_query(&words.join(" "));
        }
    }
    call.query[at].1.truncate(LONGEST_VALUE);
    while call.target().len() > LONGEST_URL {
        call.query.pop();
    }
}

fn headers(dice: &mut Dice, call: &mut Call) {
    let word = dice.pick(&WORDS).replace(['\u{0}', '\n'], "");
    let at = dice.below(call.headers.len());
    if call.headers.is_empty() || dice.one_in(3) {
        let name = dice.pick(&[
            "Accept",
            "Content-Type",
            "Prefer",
            "If-Match",
            "If-None-Match",
            "OData-Version",
            "OData-MaxVersion",
            "client-request-id",
            "Idempotency-Key",
            "Content-Encoding",
            "Accept-Charset",
            "Authorization",
            "X-HTTP-Method-Override",
            "X-Forwarded-Host",
            "Range",
            "Expect",
            "Origin",
            "Cookie",
            "ConsistencyLevel",
            "Upgrade",
        ]);
        call.headers.push((name.into(), word.into_bytes()));
        return;
    }
    match dice.below(4) {
        0 => {
            let again = call.headers[at].clone();
            call.headers.push(again);
        }
        1 => {
            call.headers.remove(at);
        }
        2 => call.headers[at].1 = vec![b'z'; dice.pick(&[129, 1000, 9000])],
        _ => call.headers[at].1 = word.into_bytes(),
    }
}

fn path(dice: &mut Dice, call: &mut Call) {
    let mut segments: Vec<String> = call.path.split('/').map(str::to_owned).collect();
    let at = dice.below(segments.len());
    let word = in_path(dice.pick(&WORDS));
    match dice.below(9) {
        0 => segments[at] = word,
        1 => segments.insert(at, word),
        2 => {
            segments.remove(at);
        }
        3 => segments.insert(at, segments[at].clone()),
        4 => segments[at] = segments[at].to_uppercase(),
        5 => segments[at]
            .push_str(dice.pick(&["%00", "%", "%2", "%2f", "('a')", "(id='a')", "()", ";a=b"])),
        6 => segments.push(
            dice.pick(&["$count", "$value", "$ref", "assign", "id", "", "microsoft.graph.assign"])
                .into(),
        ),
        7 => segments[at] = in_path(&segments[at]),
        _ => segments[at] = "k".repeat(dice.pick(&[255, 256, 3000])),
    }
    let path = segments.join("/");
    // The target of a request must start with a slash.
    call.path = if path.starts_with('/') { path } else { format!("/{path}") };
}
