//! Is every JSON text read, in each charset and with both quotation marks, and is nothing else?

use proptest::prelude::*;
use serde_json::Value;

use super::{ByteOrder, Charset, Json, MAX_DEPTH};

fn refusal(text: &str) -> String {
    Json::parse(text).unwrap_err().row().message
}

/// What is wrong with a text, and where: `why at line 1 column 2`.
fn why(text: &str) -> String {
    let message = refusal(text);
    let why = message.strip_prefix("The request body is not valid JSON: ");
    why.and_then(|why| why.strip_suffix('.')).unwrap_or_else(|| panic!("{message}")).to_owned()
}

fn string(text: &str) -> Json {
    Json::String(text.to_owned())
}

#[test]
fn whole_numbers_are_told_from_others() {
    let json = Json::parse("[1, 1.0, 1e2, 9223372036854775808, -0]").unwrap();
    let Json::Array(items) = json else { panic!("{json:?}") };
    let doubles = items[1..].iter().map(|item| match item {
        Json::Number(number) => (number.written(), number.double().unwrap()),
        other => panic!("{other:?}"),
    });
    assert_eq!(items[0], Json::Integer(1));
    let expected = [
        ("1.0", 1.0),
        ("1e2", 100.0),
        ("9223372036854775808", 9_223_372_036_854_775_808.0),
        ("-0", -0.0),
    ];
    let doubles: Vec<_> = doubles.collect();
    assert_eq!(doubles, expected);
    assert!(doubles[3].1.is_sign_negative());
}

#[test]
fn an_error_says_where() {
    assert_eq!(
        why("{\n  \"a\": }"),
        "in the property 'a': found '}' where a value was expected at line 2 column 8"
    );
    assert_eq!(why(""), "the text ends where a value was expected at line 1 column 0");
    assert_eq!(why("{} x"), "trailing characters at line 1 column 4");
    assert_eq!(
        why(r#"{"a": {"resultMessage": "\ud800"}}"#),
        "in the property 'resultMessage': half of a surrogate pair is not a character at line 1 \
         column 26"
    );
    // Columns count characters, not bytes.
    assert_eq!(why("{'ä':'é' x"), "found 'x' where ',' or '}' was expected at line 1 column 10");
}

#[test]
fn a_name_is_given_once() {
    for text in [r#"{"a": 1, "a": 1}"#, r#"{"a": 1, 'a': 1}"#, r#"{"a": 1, "\u0061": 1}"#] {
        assert_eq!(why(text), "the name 'a' is given twice at line 1 column 10");
    }
    let many: Vec<String> = (0..100).map(|number| format!("'n{number}':{number}")).collect();
    assert!(Json::parse(&format!("{{{}}}", many.join(","))).is_ok());
    for (repeated, before) in [(0, 1), (0, 15), (0, 16), (15, 16), (0, 17), (16, 17), (98, 99)] {
        let members = format!("{{{},'n{repeated}':0}}", many[..before].join(","));
        assert!(why(&members).starts_with(&format!("the name 'n{repeated}' is given twice")));
    }
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
    assert!(Json::parse(&nested(MAX_DEPTH)).is_ok());
    assert!(Json::parse(&format!("[{0},{0}]", nested(MAX_DEPTH - 1))).is_ok());
    assert!(refusal(&nested(MAX_DEPTH + 1)).contains("nesting is deeper than 32"));
    assert!(refusal(&"[".repeat(1_000_000)).contains("nesting is deeper than 32"));
    assert!(refusal(&"{'a':".repeat(1_000_000)).contains("nesting is deeper than 32"));
}

#[test]
fn names_and_strings_may_stand_in_apostrophes() {
    let json = Json::parse(r#"{'a':'say "hi"', "b":'it\'s', 'c':"it's", '':'\"\\\/\u00e9\n'}"#);
    let expected = [("a", "say \"hi\""), ("b", "it's"), ("c", "it's"), ("", "\"\\/é\n")];
    let expected = expected.map(|(name, text)| (name.to_owned(), string(text)));
    assert_eq!(json.unwrap(), Json::Object(expected.into()));
}

#[test]
fn what_looks_like_json_is_refused() {
    for (text, words) in [
        ("{a:1}", "found 'a' where a name in quotation marks was expected at line 1 column 2"),
        ("{'a':1,}", "found '}' where a name in quotation marks was expected at line 1 column 8"),
        ("[1,]", "found ']' where a value was expected at line 1 column 4"),
        ("[,1]", "found ',' where a value was expected at line 1 column 2"),
        ("{'a' 'b'}", "found an apostrophe where ':' was expected at line 1 column 6"),
        ("['a' 'b']", "found an apostrophe where ',' or ']' was expected at line 1 column 6"),
        ("'a\"", "the text ends inside a string at line 1 column 3"),
        ("\"a'", "the text ends inside a string at line 1 column 3"),
        ("'it's'", "trailing characters at line 1 column 5"),
        (r#""it\'s""#, "a backslash must not come before an apostrophe at line 1 column 4"),
        ("'\\x41'", "a backslash must not come before 'x' at line 1 column 2"),
        ("'\\u12g4'", "four hexadecimal digits must follow '\\u' at line 1 column 2"),
        ("'\\u12", "four hexadecimal digits must follow '\\u' at line 1 column 2"),
        ("'\\ud83d\\u0041'", "half of a surrogate pair is not a character at line 1 column 2"),
        (
            "{'a':'b\nc'}",
            "in the property 'a': a string has the control character U+000A, which must be escaped \
             at line 1 column 8",
        ),
        (
            "'\t'",
            "a string has the control character U+0009, which must be escaped at line 1 column 2",
        ),
        ("// x\n{}", "found '/' where a value was expected at line 1 column 1"),
        ("{/**/}", "found '/' where a name in quotation marks was expected at line 1 column 2"),
        ("NaN", "found 'N' where a value was expected at line 1 column 1"),
        ("True", "found 'T' where a value was expected at line 1 column 1"),
        ("nul", "found 'n' where a value was expected at line 1 column 1"),
        ("nulll", "trailing characters at line 1 column 5"),
        ("+1", "found '+' where a value was expected at line 1 column 1"),
        (".5", "found '.' where a value was expected at line 1 column 1"),
        ("01", "trailing characters at line 1 column 2"),
        ("1.", "the text ends where a digit was expected at line 1 column 2"),
        ("-", "the text ends where a digit was expected at line 1 column 1"),
        ("1e+", "the text ends where a digit was expected at line 1 column 3"),
        ("[1e400]", "a number is out of range at line 1 column 2"),
        ("\u{a0}1", "found '\u{a0}' where a value was expected at line 1 column 1"),
        ("\0", "found U+0000 where a value was expected at line 1 column 1"),
        ("{}\n,", "trailing characters at line 2 column 1"),
        ("{", "the text ends where a name in quotation marks was expected at line 1 column 1"),
    ] {
        assert_eq!(why(text), words, "{text}");
    }
}

#[test]
fn many_escapes_cost_no_more_than_their_length() {
    let text = format!("'{}'", r"\ud83d\ude00\n".repeat(200_000));
    assert_eq!(Json::parse(&text).unwrap(), string(&"\u{1f600}\n".repeat(200_000)));
}

#[test]
fn each_charset_is_read_with_and_without_a_byte_order_mark() {
    let text = " {'name': \"é €😀\"}";
    let json = Json::parse(text).unwrap();
    for (name, charset) in Charset::ALL {
        assert_eq!(Charset::named(&name.to_ascii_uppercase()), Some(charset));
        for marked in [text.to_owned(), format!("\u{feff}{text}")] {
            let decoded = charset.encode(&marked);
            let decoded = charset.decode(&decoded).unwrap();
            assert_eq!(decoded, text, "{name}");
            assert_eq!(Json::parse(&decoded).unwrap(), json, "{name}");
        }
        assert_eq!(charset.decode(b"").unwrap(), "");
    }
    let little = Charset::Utf16(Some(ByteOrder::Little)).encode("[1]");
    assert_eq!(Charset::Utf16(None).decode(&little).unwrap(), "[1]");
    let little = Charset::Utf32(Some(ByteOrder::Little)).encode("[1]");
    assert_eq!(Charset::Utf32(None).decode(&little).unwrap(), "[1]");
    for name in ["latin1", "utf-7", "utf-16 ", "utf-16-le", "unicode", ""] {
        assert_eq!(Charset::named(name), None, "{name}");
    }
}

#[test]
fn bytes_that_are_no_text_are_refused_where_they_stand() {
    let wrong = |charset: Charset, bytes: &[u8]| {
        charset.decode(bytes).unwrap_err().row().message.replacen("The request body is not ", "", 1)
    };
    let utf8 = |bytes: &[u8]| wrong(Charset::Utf8, bytes);
    assert_eq!(
        utf8(b"{\"a\":\n\"\xff\"}"),
        "valid JSON: in the property 'a': the bytes are not UTF-8 at line 2 column 2."
    );
    assert_eq!(
        utf8(b"\xef\xbb\xbf{\"a\":\"\xed\xa0\x80\"}"),
        "valid JSON: in the property 'a': the bytes are not UTF-8 at line 1 column 7."
    );
    assert_eq!(utf8(b"{}\xff"), "valid JSON: the bytes are not UTF-8 at line 1 column 3.");
    // What is wrong before them comes first.
    assert_eq!(
        utf8(b"{a\xff"),
        "valid JSON: found 'a' where a name in quotation marks was expected at line 1 column 2."
    );
    let mut units: Vec<u16> = "{'a':'".encode_utf16().collect();
    units.extend([0xd800, 0x27, 0x7d]);
    let bytes: Vec<u8> = units.into_iter().flat_map(u16::to_le_bytes).collect();
    let utf16 = Charset::Utf16(None);
    assert_eq!(
        wrong(utf16, &bytes),
        "valid JSON: in the property 'a': the bytes are not UTF-16 at line 1 column 7."
    );
    assert_eq!(
        wrong(utf16, b"{\0}\0\0"),
        "valid JSON: the bytes are not UTF-16 at line 1 column 3."
    );
    assert_eq!(
        wrong(Charset::Utf32(None), b"\0\x11\0\0"),
        "valid JSON: the bytes are not UTF-32 at line 1 column 1."
    );
    assert_eq!(
        wrong(Charset::Utf32(None), b"{}"),
        "valid JSON: the bytes are not UTF-32 at line 1 column 1."
    );
}

fn trees() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Boolean),
        any::<i64>().prop_map(Json::Integer),
        "[ -~\\n\\u{0}é😀'\"\\\\]{0,80}".prop_map(Json::String),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        let members = prop::collection::btree_map(".{0,5}", inner.clone(), 0..5);
        prop_oneof![
            prop::collection::vec(inner, 0..5).prop_map(Json::Array),
            members.prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

/// A value as text, with apostrophes instead of quotation marks if `single`.
fn written(json: &Json, single: bool) -> String {
    let quoted = |text: &str| {
        let double = Value::from(text).to_string();
        if !single {
            return double;
        }
        let inner = &double[1..double.len() - 1];
        format!("'{}'", inner.replace("\\\"", "\"").replace('\'', "\\'"))
    };
    match json {
        Json::Null => "null".into(),
        Json::Boolean(value) => value.to_string(),
        Json::Integer(value) => value.to_string(),
        Json::Number(value) => value.written().to_owned(),
        Json::String(text) => quoted(text),
        Json::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| written(item, single)).collect();
            format!("[{}]", items.join(" , "))
        }
        Json::Object(members) => {
            let member = |(name, value): &(String, Json)| {
                format!("{}:\n{}", quoted(name), written(value, !single))
            };
            format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(","))
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(json in trees(), single: bool) {
        prop_assert_eq!(Json::parse(&written(&json, single)).unwrap(), json);
    }

    #[test]
    fn a_text_without_apostrophes_is_read_as_another_parser_reads_it(
        text in r#"([\[\]{},: \n"ax\\u0018d.eE+\-é]|"a"|"[a-c]":|true|null|12){0,12}"#
    ) {
        let ours = Json::parse(&text);
        match (ours, serde_json::from_str::<Value>(&text)) {
            (Ok(ours), Ok(theirs)) => prop_assert!(are_equal(&ours, &theirs), "{ours:?}"),
            (Err(error), Ok(_)) => prop_assert!(error.to_string().contains("is given twice")),
            (ours, Err(_)) => prop_assert!(ours.is_err()),
        }
    }
}

/// Whether both are the same value. Numbers are not compared, since the other parser rounds some.
fn are_equal(ours: &Json, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Json::Null, Value::Null) | (Json::Integer(_) | Json::Number(_), Value::Number(_)) => true,
        (Json::Boolean(ours), Value::Bool(theirs)) => ours == theirs,
        (Json::String(ours), Value::String(theirs)) => ours == theirs,
        (Json::Array(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| are_equal(a, b))
        }
        (Json::Object(ours), Value::Object(theirs)) => {
            ours.len() == theirs.len()
                && ours.iter().all(|(name, value)| are_equal(value, &theirs[name]))
        }
        _ => false,
    }
}
