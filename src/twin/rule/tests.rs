use super::*;
use crate::message::Method;
use crate::twin::call::ItemPlace;
use crate::twin::retry_after::Form;

fn members(text: &str) -> Members {
    Members::of_body(Json::parse(text).unwrap()).unwrap()
}

fn rule(text: &str) -> Rule {
    Rule::read(members(text)).unwrap()
}

fn refusal(text: &str) -> String {
    Rule::read(members(text)).unwrap_err().to_string()
}

fn then(text: &str) -> Fault {
    rule(&format!("{{\"then\": {text}}}")).fault
}

/// Which of the first ten requests the rule hits.
fn hits(when: &str) -> Vec<usize> {
    let mut rules = Rules::seeded(7);
    rules.add(rule(&format!(r#"{{"when": {when}, "then": {{"refuse": "reset"}}}}"#))).unwrap();
    let call = Call::example(Method::Post, "/beta/a");
    (1..=10).filter(|_| rules.hit(&call).is_some()).collect()
}

#[test]
fn a_rule_names_a_hundred_headers_and_no_more() {
    let named = |count: usize| {
        let headers: Vec<String> =
            (0..count).map(|number| format!(r#""h{number}": "*""#)).collect();
        format!(
            r#"{{"when": {{"header": {{{}}}}}, "then": {{"refuse": "reset"}}}}"#,
            headers.join(",")
        )
    };
    rule(&named(100));
    assert_eq!(
        refusal(&named(101)),
        "The member 'when.header' is an object, and must be an object of at most 100 members, whose \
         values are texts, in which '*' is any text."
    );
}

#[test]
fn each_fault_is_read() {
    for (text, expected) in [
        (
            r#"{"throttle": {"retryAfter": 2}}"#,
            Fault::Throttle { retry_after: 2.0, form: Form::Seconds },
        ),
        (r#"{"throttle": {}}"#, Fault::Throttle { retry_after: 10.0, form: Form::Seconds }),
        (
            r#"{"throttle": {"retryAfter": 2.128}}"#,
            Fault::Throttle { retry_after: 2.128, form: Form::Fraction },
        ),
        (
            r#"{"delay": {"place": "after", "ms": 5, "jitter": 2}}"#,
            Fault::Delay { place: Place::After, length: 5, jitter: 2 },
        ),
        (r#"{"lostReply": "timeout"}"#, Fault::LostReply(Loss::Timeout)),
        (r#"{"cut": "half"}"#, Fault::Cut(Cut::Half)),
        (r#"{"cut": {"bytes": 10}}"#, Fault::Cut(Cut::Bytes(10))),
        (r#"{"drip": {"bytesPerSecond": 10}}"#, Fault::Drip { bytes_per_second: 10 }),
        (r#"{"refuse": "reset"}"#, Fault::Refuse),
        (r#"{"pretend": true}"#, Fault::Pretend),
        (r#"{"twice": true}"#, Fault::Twice),
        (r#"{"stale": {"for": "2s"}}"#, Fault::Stale(std::time::Duration::from_secs(2))),
        (r#"{"quirk": "noNextLink"}"#, Fault::Quirk(Quirk::NoNextLink)),
        (r#"{"quirk": {"firstPage": 100}}"#, Fault::Quirk(Quirk::FirstPage(100))),
        (r#"{"enum": "seed"}"#, Fault::SeedMembers),
    ] {
        assert_eq!(then(text), expected, "{text}");
    }
}

#[test]
fn a_status_has_the_texts_of_graph_unless_others_are_given() {
    let Fault::Status(fault) = then(r#"{"status": {"code": 503}}"#) else { panic!() };
    assert_eq!((fault.code, &*fault.error, fault.is_html), (503, "ServiceUnavailable", false));
    let text = r#"{"status": {"code": 502, "error": "E", "message": "M", "body": "html",
                   "headers": {"X-A": "b"}}}"#;
    let Fault::Status(fault) = then(text) else { panic!() };
    assert_eq!((&*fault.error, &*fault.message, fault.is_html), ("E", "M", true));
    assert_eq!(fault.headers, [("X-A".to_owned(), "b".to_owned())]);
}

#[test]
fn a_mistake_is_refused_by_the_name_of_its_member() {
    for (text, name) in [
        ("{}", "'then'"),
        (r#"{"then": {}}"#, "'then'"),
        (r#"{"then": {"refuse": "reset", "pretend": true}}"#, "'then'"),
        (r#"{"then": {"explode": true}}"#, "'then'"),
        (r#"{"then": {"pretend": false}}"#, "'then.pretend'"),
        (r#"{"then": {"status": {}}}"#, "'then.status.code'"),
        (r#"{"then": {"status": {"code": 200}}}"#, "'then.status.code'"),
        (r#"{"then": {"status": {"code": 500, "headers": {"Connection": "close"}}}}"#, "headers"),
        (r#"{"then": {"status": {"code": 500, "headers": {"X-A": "b\r\nc"}}}}"#, "headers"),
        (r#"{"then": {"status": {"code": 500, "colour": 1}}}"#, "'then.status.colour'"),
        (r#"{"then": {"throttle": {"form": "soon"}}}"#, "'then.throttle.form'"),
        (r#"{"then": {"throttle": {"retryAfter": -1}}}"#, "'then.throttle.retryAfter'"),
        (r#"{"then": {"delay": {"place": "before"}}}"#, "'then.delay.ms'"),
        (r#"{"then": {"delay": {"ms": 300001}}}"#, "'then.delay.ms'"),
        (r#"{"then": {"lostReply": "explode"}}"#, "'then.lostReply'"),
        (r#"{"then": {"cut": "third"}}"#, "'then.cut'"),
        (r#"{"then": {"cut": {}}}"#, "'then.cut.bytes'"),
        (r#"{"then": {"drip": {"bytesPerSecond": 0}}}"#, "'then.drip.bytesPerSecond'"),
        (r#"{"then": {"refuse": "close"}}"#, "'then.refuse'"),
        (r#"{"then": {"stale": {"for": "6m"}}}"#, "'then.stale.for'"),
        (r#"{"then": {"stale": {"for": "301s"}}}"#, "'then.stale.for'"),
        (r#"{"then": {"quirk": "noLuck"}}"#, "'then.quirk'"),
        (r#"{"then": {"quirk": {"firstPage": 0}}}"#, "'then.quirk'"),
        (r#"{"then": {"enum": "all"}}"#, "'then.enum'"),
        (r#"{"when": {"method": "FETCH"}, "then": {"pretend": true}}"#, "'when.method'"),
        (r#"{"when": {"path": "beta"}, "then": {"pretend": true}}"#, "'when.path'"),
        (r#"{"when": {"entity": "note"}, "then": {"pretend": true}}"#, "'when.entity'"),
        (r#"{"when": {"operation": "put"}, "then": {"pretend": true}}"#, "'when.operation'"),
        (r#"{"when": {"caller": {"name": "x"}}, "then": {"pretend": true}}"#, "'when.caller.name'"),
        (r#"{"when": {"header": {"x": 1}}, "then": {"pretend": true}}"#, "'when.header'"),
        (r#"{"when": {"first": 0}, "then": {"pretend": true}}"#, "'when.first'"),
        (r#"{"when": {"chance": 1.1}, "then": {"pretend": true}}"#, "'when.chance'"),
        (r#"{"when": {"query": {}}, "then": {"pretend": true}}"#, "'when.query'"),
        (r#"{"id": "a/b", "then": {"pretend": true}}"#, "'id'"),
        (r#"{"colour": 1, "then": {"pretend": true}}"#, "'colour'"),
    ] {
        let refusal = refusal(text);
        assert!(refusal.contains(name), "{text}: {refusal}");
    }
}

#[test]
fn a_fault_of_the_connection_is_refused_for_items_of_batches() {
    for fault in
        [r#"{"lostReply": "reset"}"#, r#"{"cut": "half"}"#, r#"{"drip": {"bytesPerSecond": 1}}"#]
    {
        let text = format!(r#"{{"when": {{"inBatch": true}}, "then": {fault}}}"#);
        assert!(refusal(&text).contains("inside a batch"), "{text}");
        rule(&format!(r#"{{"when": {{"inBatch": false}}, "then": {fault}}}"#));
    }
    rule(r#"{"when": {"inBatch": true}, "then": {"pretend": true}}"#);
}

#[test]
fn it_is_the_turn_of_the_requests_that_when_names() {
    for (when, expected) in [
        ("{}", (1..=10).collect::<Vec<usize>>()),
        (r#"{"first": 2}"#, vec![1, 2]),
        (r#"{"nth": 3}"#, vec![3]),
        (r#"{"every": 4}"#, vec![4, 8]),
        (r#"{"after": 8}"#, vec![9, 10]),
        (r#"{"times": 1}"#, vec![1]),
        (r#"{"every": 2, "after": 3, "times": 2}"#, vec![4, 6]),
        (r#"{"chance": 0}"#, vec![]),
        (r#"{"chance": 1}"#, (1..=10).collect()),
        (r#"{"method": "GET"}"#, vec![]),
    ] {
        assert_eq!(hits(when), expected, "{when}");
    }
    let by_chance = hits(r#"{"chance": 0.5}"#);
    assert!((1..10).contains(&by_chance.len()), "{by_chance:?}");
    assert_eq!(hits(r#"{"chance": 0.5}"#), by_chance);
}

#[test]
fn the_first_rule_that_holds_decides_and_is_counted() {
    let mut rules = Rules::seeded(7);
    rules.add(rule(r#"{"id": "a", "when": {"first": 1}, "then": {"refuse": "reset"}}"#)).unwrap();
    assert!(rules.add(rule(r#"{"id": "a", "then": {"refuse": "reset"}}"#)).is_err());
    let second = rules.add(rule(r#"{"then": {"cut": "half"}}"#)).unwrap();
    let call = Call::example(Method::Get, "/beta/a");
    let hit: Vec<_> = (0..3).map(|_| rules.hit(&call).unwrap().rule.unwrap()).collect();
    assert_eq!(hit, ["a", &second, &second]);
    assert_eq!(
        rules.show("a").unwrap(),
        r#"{"id":"a","when":{"first":1},"then":{"refuse":"reset"},"matched":3,"hits":1}"#
    );
    assert!(rules.remove("a") && !rules.remove("a"));
}

#[test]
fn a_rule_passes_over_requests_to_which_its_fault_cannot_happen() {
    let mut rules = Rules::seeded(7);
    for then in [r#"{"cut": "half"}"#, r#"{"pretend": true}"#, r#"{"twice": true}"#] {
        rules.add(rule(&format!("{{\"then\": {then}}}"))).unwrap();
    }
    let item = ItemPlace { batch: 1, item: "1".into() };
    let item = Call { place: Some(item), ..Call::example(Method::Get, "/beta/a") };
    assert!(rules.hit(&item).is_none());
    let create = Call { verb: Some(Verb::Create), method: Method::Post, ..item };
    assert_eq!(rules.hit(&create).unwrap().fault, Fault::Pretend);
    let with_key = Call { is_key_new: false, ..create.clone() };
    assert!(may_happen(&Fault::Twice, &create) && !may_happen(&Fault::Twice, &with_key));
}

#[test]
fn a_header_asks_for_a_fault_as_a_rule_does() {
    for (header, text) in [
        ("throttle; retry-after=2", r#"{"throttle": {"retryAfter": 2}}"#),
        ("throttle; retryAfter=2; form=date", r#"{"throttle": {"retryAfter": 2, "form": "date"}}"#),
        ("lost-reply=reset", r#"{"lostReply": "reset"}"#),
        ("cut=half", r#"{"cut": "half"}"#),
        ("cut; bytes=3", r#"{"cut": {"bytes": 3}}"#),
        ("pretend", r#"{"pretend": true}"#),
        ("stale; for=2s", r#"{"stale": {"for": "2s"}}"#),
        ("quirk; first-page=5", r#"{"quirk": {"firstPage": 5}}"#),
        ("status; code=503", r#"{"status": {"code": 503}}"#),
    ] {
        assert_eq!(fault_of_header(header).unwrap(), then(text), "{header}");
    }
    for header in ["", "explode", "throttle; retry-after=soon", "lost-reply", "pretend; x=1"] {
        assert!(fault_of_header(header).is_err(), "{header}");
    }
}
