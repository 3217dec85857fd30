//! Does each error about a query option name the option, the expansion, the alias and the type?

use crate::harness::{SCRIPTS, Server, encoded};

const STATE: &str = "microsoft.graph.deviceManagementScriptDeviceState";

/// Each query, whose values are not yet encoded, is refused with exactly this message.
async fn refuses(cases: &[(&str, &str)]) {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    for (query, message) in cases {
        let pairs = query.split('&').map(|pair| match pair.split_once('=') {
            Some((name, value)) => format!("{name}={}", encoded(value)),
            None => pair.to_string(),
        });
        let query = pairs.collect::<Vec<_>>().join("&");
        let reply = client.get(&format!("{script}/deviceRunStates?{query}")).await;
        assert_eq!(reply.refused(400, "BadRequest"), message.replace("STATE", STATE), "{query}");
    }
}

#[tokio::test]
async fn an_expression_is_named_by_its_option_and_column() {
    refuses(&[
        (
            "$filter=errorCode eq 'x'&$orderby=errorCode add 'x'",
            "The value of $filter is not valid at column 14: 'x' is not a literal of type \
             'Edm.Int32', which is a number of up to 40 characters, with an exponent of up to 100.",
        ),
        (
            "$filter=errorCode eq 1&$orderby=errorCode add 'x'",
            "The value of $orderby is not valid at column 11: 'add' cannot combine 'Edm.Int32' \
             with 'Edm.String'.",
        ),
        (
            "$orderby=id,foo",
            "Could not find a property named 'foo' on type 'STATE', at column 4 of $orderby.",
        ),
        ("orderby=id/x", "'x' at column 4 of $orderby follows a value that has no properties."),
        (
            "$filter=managedDevice eq 'd'",
            "A managedDevice, at column 1 of $filter, is an entity, not a value that can be \
             compared or sorted: name one of its properties, such as its id.",
        ),
    ])
    .await;
}

#[tokio::test]
async fn an_expression_inside_of_expand_has_its_column_in_expand() {
    let server = Server::start().await;
    let client = server.client();
    for (expand, message) in [
        (
            "deviceRunStates( $filter=errorCode eq 'x')",
            "The value of $expand is not valid at column 39: 'x' is not a literal of type \
             'Edm.Int32', which is a number of up to 40 characters, with an exponent of up to 100.",
        ),
        (
            "userRunStates($expand=deviceRunStates($orderby=id,foo))",
            "Could not find a property named 'foo' on type 'STATE', at column 51 of $expand.",
        ),
        (
            "deviceRunStates($filter=errorCode eq @p)&@p='3'",
            "The value of $expand is not valid at '@p', column 38: '3' is not a literal of type \
             'Edm.Int32', which is a number of up to 40 characters, with an exponent of up to 100.",
        ),
    ] {
        let reply = client.get(&format!("{SCRIPTS}?$expand={expand}")).await;
        assert_eq!(reply.refused(400, "BadRequest"), message.replace("STATE", STATE), "{expand}");
    }
}

#[tokio::test]
async fn an_option_inside_of_expand_is_named_with_its_expansion() {
    let server = Server::start().await;
    let client = server.client();
    for (expand, message) in [
        (
            "deviceRunStates($top=x)",
            "In $expand=deviceRunStates: The value 'x' of $top is not a whole number from 0 to 1000.",
        ),
        (
            "userRunStates($expand=deviceRunStates($count=x))",
            "In $expand=userRunStates($expand=deviceRunStates): The value 'x' of $count is neither \
             'true' nor 'false'.",
        ),
        (
            "assignments,userRunStates($select=,)",
            "In $expand=userRunStates: The value of $select must be a list of property names with \
             commas between them.",
        ),
        (
            "userRunStates($expand=deviceRunStates($select=foo))",
            "In $expand=userRunStates($expand=deviceRunStates): Could not find a property named \
             'foo' on type 'STATE', in $select. It has id, runState, resultMessage, \
             lastStateUpdateDateTime, errorCode, errorDescription.",
        ),
        (
            "userRunStates($expand=foo)",
            "In $expand=userRunStates: Could not find a navigation property named 'foo' on type \
             'microsoft.graph.deviceManagementScriptUserState', in $expand. It has deviceRunStates.",
        ),
        (
            "deviceRunStates($expand=managedDevice($top=1))",
            "In $expand=deviceRunStates: The query option '$top' is not supported inside \
             $expand=managedDevice, which leads to one entity. Supported options here are $select, \
             $expand.",
        ),
        (
            "deviceRunStates(levels=2)",
            "The value of $expand is not valid at column 17: the option 'levels' is not supported \
             here. Supported options are $select, $filter, $orderby, $top, $skip, $count, $expand.",
        ),
        (
            "deviceRunStates($top=1;top=2)",
            "In $expand=deviceRunStates: The query option '$top' is given more than once.",
        ),
    ] {
        let reply = client.get(&format!("{SCRIPTS}?$expand={expand}")).await;
        assert_eq!(reply.refused(400, "BadRequest"), message.replace("STATE", STATE), "{expand}");
    }
}

#[tokio::test]
async fn an_alias_is_named_where_its_value_does_not_fit() {
    refuses(&[
        (
            "$filter=errorCode eq @p&@p='3'",
            "The value of $filter is not valid at '@p', column 14: '3' is not a literal of type \
             'Edm.Int32', which is a number of up to 40 characters, with an exponent of up to 100.",
        ),
        (
            "$filter=errorCode in (1,@p)&@p='3'",
            "The value of $filter is not valid at '@p', column 17: '3' is not a literal of type \
             'Edm.Int32', which is a number of up to 40 characters, with an exponent of up to 100.",
        ),
        (
            "$filter=@p&@p=3",
            "The value of $filter is not valid at '@p', column 1: found a value where a condition \
             was expected.",
        ),
        (
            "$filter=id eq '@p' and errorCode eq 'x'",
            "The value of $filter is not valid at column 29: 'x' is not a literal of type \
             'Edm.Int32', which is a number of up to 40 characters, with an exponent of up to 100.",
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_text_with_the_null_character_is_refused_as_such() {
    let message =
        "The value of $filter is not valid at column 7: a text cannot have the character U+0000.";
    refuses(&[
        ("$filter=id eq '\0'", message),
        ("$filter=contains(id,'a\0')", &message.replace("column 7", "column 13")),
        ("$filter=id eq @p&@p='\0'", &message.replace("column 7", "'@p', column 7")),
    ])
    .await;
}

#[tokio::test]
async fn types_are_those_of_the_properties() {
    refuses(&[
        (
            "$filter=errorCode eq id",
            "The value of $filter is not valid at column 11: 'eq' cannot compare 'Edm.Int32' with \
             'Edm.String'.",
        ),
        (
            "$filter=contains(errorCode,'5')",
            "The value of $filter is not valid at column 10: 'contains' does not accept a value of \
             type 'Edm.Int32' here.",
        ),
        (
            "$filter=cast(errorCode,Edm.Boolean)",
            "The value of $filter is not valid at column 6: 'cast' cannot make 'Edm.Boolean' of \
             'Edm.Int32'.",
        ),
        (
            "$filter=cast(errorCode,Edm.Int64) eq 'x'",
            "The value of $filter is not valid at column 30: 'x' is not a literal of type \
             'Edm.Int64', which is a number of up to 40 characters, with an exponent of up to 100.",
        ),
        (
            "$filter=managedDevice/freeStorageSpaceInBytes eq true",
            "The value of $filter is not valid at column 42: true is not a literal of type \
             'Edm.Int64', which is a number of up to 40 characters, with an exponent of up to 100.",
        ),
        (
            "$filter=errorCode add 1 eq 'x'",
            "The value of $filter is not valid at column 20: 'x' is not a literal of type \
             'Edm.Decimal', which is a number of up to 40 characters, with an exponent of up to 100.",
        ),
    ])
    .await;
}

#[tokio::test]
async fn an_unknown_option_is_named_as_it_was_written() {
    let supported = "Supported options here are $select, $filter, $orderby, $expand, $top, $skip, \
                     $count, $skiptoken, $format.";
    let unknown = |name: &str| {
        format!("The query option '{name}' is not supported on this request. {supported}")
    };
    refuses(&[
        ("foo=1", &unknown("foo")),
        ("$Foo=1", &unknown("$Foo")),
        ("=1", &unknown("")),
        ("$=1", &unknown("$")),
        ("$$top=1", &unknown("$$top")),
    ])
    .await;
}
