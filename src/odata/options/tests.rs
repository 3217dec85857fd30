//! Tests of options: which values are read, which are refused, what a link repeats.

use super::*;
use crate::error::Row;
use crate::odata::expression::testing::tree;

/// The error of a query, where a request supports `$top` only.
fn refusal(query: &str) -> Error {
    Options::parse(query).and_then(|options| options.check(&["$top"])).unwrap_err()
}

#[test]
fn the_dollar_and_the_case_are_free() {
    let options = Options::parse("%24top=5&SKIP=2&$Count=True&select=id,+runState").unwrap();
    assert_eq!((options.top, options.skip, options.count), (Some(5), Some(2), Some(true)));
    assert_eq!(options.select.unwrap(), ["id", "runState"]);
}

#[test]
fn columns_count_in_the_decoded_value() {
    let options = Options::parse("filter=++%C3%A9+eq+%27a%2B%26b%27&$OrderBy=+a+desc&expand=+b");
    let options = options.unwrap();
    assert_eq!(options.filter.unwrap().at, 5);
    assert_eq!(options.order_by.unwrap()[0].expression.at, 2);
    assert_eq!(options.expand.unwrap().items[0].path.names[0].at, 2);
}

#[test]
fn all_that_is_given_is_known() {
    let query = "$format=json&$skiptoken=a&$count=true&$skip=1&$top=1&$expand=a&$orderby=a\
                 &$filter=a&$select=a";
    let options = Options::parse(query).unwrap();
    assert_eq!(options.given().collect::<Vec<_>>(), OPTION_NAMES);
    assert_eq!(Options::default().given().count(), 0);
}

#[test]
fn what_does_not_work_is_refused_by_name() {
    let cases = [
        ("$top=", "$top"),
        ("$top=1001", "$top"),
        ("$top=+5", "The value ' 5' of $top"),
        ("$top=%2B5", "The value '+5' of $top"),
        ("$top=%205", "The value ' 5' of $top"),
        ("$top=5%20", "The value '5 ' of $top"),
        ("$skip=+5", "The value ' 5' of $skip"),
        ("$skip=%2B5", "The value '+5' of $skip"),
        ("$skip=5%09", "$skip"),
        ("$expand=a($top=%205)", "The value ' 5' of $top"),
        ("$expand=a($skip=5%20)", "The value '5 ' of $skip"),
        ("$top=1&top=1", "$top"),
        ("$skip=-1", "$skip"),
        ("$count=yes", "$count"),
        ("$select=,", "$select"),
        ("$count=", "$count"),
        ("$skip=", "$skip"),
        ("$search=x", "$search"),
        ("$apply=x", "$apply"),
        ("$compute=x", "$compute"),
        ("$deltatoken=x", "$deltatoken"),
        ("nonsense=1", "'nonsense'"),
        ("filter=a+eqq+1", "$filter is not valid at column 3"),
        ("$filter=a&filter=a", "$filter"),
        ("$orderby=a,", "$orderby is not valid at column 3"),
        ("$expand=a($top=-0)", "$top"),
        ("$top=%", "$top"),
    ];
    for (query, name) in cases {
        let Row { status, message, .. } = refusal(query).row();
        assert_eq!(status, 400);
        assert!(message.contains(name), "{query}: {message}");
    }
}

#[test]
fn an_option_that_the_request_does_not_support_is_refused_as_the_client_wrote_it() {
    for (query, name) in [("Search=x&$skip=1", "Search"), ("$top=1&Skip=1", "$skip")] {
        let text = format!("The query option '{name}' is not supported on this request.");
        assert_eq!(refusal(query).row().message, format!("{text} Only $top is supported here."));
    }
}

#[test]
fn some_options_are_as_if_absent_when_empty() {
    let empty = "$filter=&$orderby=+&select=%20&$expand&$filter=&$top=0";
    assert_eq!(Options::parse(empty).unwrap(), Options::parse("$top=0").unwrap());
    assert_eq!(Options::parse("$filter=&$filter=a").unwrap().given().count(), 1);
    let inside = |options: &str| {
        let options = Options::parse(&format!("$expand=a({options})")).unwrap();
        options.expand.unwrap().items.remove(0).options
    };
    let empty = "$filter=;orderby= ;$select=;$expand=;$top=0";
    assert_eq!(inside(empty), inside("$top=0"));
}

#[test]
fn an_alias_is_the_literal_that_the_query_gives() {
    let filter = |query: &str| tree(&Options::parse(query).unwrap().filter.unwrap());
    assert_eq!(filter("@p=3&$filter=a+eq+@p"), "(eq a 3)");
    assert_eq!(filter("$filter=a+in+(@p,@P)&%40p='x%2By'&@P=-1"), "(in a {'x+y' -1})");
    assert_eq!(filter("$filter=a+eq+@p"), "(eq a null)");
    assert_eq!(filter("$filter=a+eq+'@p'"), "(eq a '@p')");
    let refused = |query: &str| refusal(query).row().message;
    for query in ["$filter=a&@p=1", "$filter=a+eq+'@p'&@p=1", "$filter=a+eq+@P&@p=1", "@p=1"] {
        let message = "The parameter alias '@p' is given, but no option uses it.";
        assert_eq!(refused(query), message, "{query}");
    }
    assert!(refused("$filter=a+eq+@p&@p=b").contains("The value of @p is not valid"));
    assert!(refused("$filter=@p/a&@p=1").contains("found '/' where an operator"));
    assert!(refused("@1=1").contains("'@1' is not supported"));
    assert!(refused("$top=@p&@p=1").contains("The value '@p' of $top"));
    assert!(refused("$expand=a($filter=b;@p=1)").contains("the option '@p' is not supported"));
}

#[test]
fn what_repeats_options_repeats_the_aliases_that_they_use() {
    let query = "$filter=a+eq+@p&$orderby=b+add+@q&$expand=c($filter=d+eq+@r;$expand=e)\
                 &@p='x'&@q=2&@r=null";
    let options = Options::parse(query).unwrap();
    assert_eq!(options.scan(), "a eq @p\nb add @q\n@p='x'\n@q=2");
    let texts = |options: &Options| options.texts.keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(texts(&options), "@p @q @r expand filter orderby");
    let inner = &options.expand.unwrap().items[0].options;
    assert_eq!(texts(inner), "@r expand filter");
    assert_eq!(texts(&inner.expand.as_ref().unwrap().items[0].options), "");
}
