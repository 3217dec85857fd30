//! Are parameter aliases the literals that the query gives?

use super::results::run_states;
use crate::harness::{DEVICES, SCRIPTS, Server};
use serde_json::json;

#[tokio::test]
async fn an_alias_has_the_type_of_the_place_where_it_is_used() {
    let server = Server::start().await;
    let client = server.client();
    let states = run_states(&client).await;
    for (query, expected) in [
        ("$filter=errorCode eq @p&@p=5", "b"),
        ("%40p='fail'&filter=runState+eq+@p", "b"),
        ("$filter=errorCode in (@a,@b) or id eq @c&@a=5&@b=-7&@c='a'", "abc"),
        ("$filter=resultMessage eq @p&@p='It''s over'", "b"),
        ("$filter=lastStateUpdateDateTime ge @p&@p=2020-02-29", "bce"),
        ("$filter=contains(resultMessage,@p) and errorCode add @q eq 1&@p='o'&@q=1", "a"),
        ("$filter=resultMessage eq @p", "cd"),
        ("$filter=resultMessage eq @p&@p=null", "cd"),
        ("$filter=managedDevice/id eq @p&@p='d2'", "b"),
        ("$orderby=errorCode mul @p,id&@p=-1", "ebadc"),
    ] {
        assert_eq!(client.ids(&format!("{states}?{query}")).await.concat(), expected, "{query}");
    }
    let count = client.get(&format!("{states}/$count?$filter=errorCode eq @p&@p=0")).await;
    assert_eq!((count.status, &*count.body), (200, "2"));
}

#[tokio::test]
async fn a_next_link_keeps_the_alias_and_its_token_is_bound_to_the_value() {
    let server = Server::start().await;
    let client = server.client();
    let states = run_states(&client).await;
    let page = client.get(&format!("{states}?$top=1&$filter=errorCode ge @p&@p=0")).await.ok();
    let link = page["@odata.nextLink"].as_str().unwrap().to_owned();
    assert!(link.contains("&@p=0&$skiptoken="), "{link}");
    assert_eq!(client.ids(&link).await.concat(), "bde");
    let message = client.get(&link.replace("@p=0", "@p=1")).await.refused(400, "BadRequest");
    assert!(message.contains("$skiptoken"), "{message}");
}

#[tokio::test]
async fn an_expansion_and_its_next_link_have_the_aliases_that_they_use() {
    let server = Server::start().await;
    let client = server.client();
    let script = json!({ "deviceRunStates": [
        { "id": "a", "errorCode": 5 }, { "id": "b", "errorCode": 5 }, { "id": "c" } ] });
    client.post(SCRIPTS, &script).await.created();
    let expand = "deviceRunStates($filter=errorCode eq @code;$top=1;$select=id)";
    let query = format!("$filter=displayName eq @none&$expand={expand}&@code=5&@none=null");
    let list = client.get(&format!("{SCRIPTS}?{query}")).await.ok();
    let script = &list["value"][0];
    assert_eq!(script["deviceRunStates"][0]["id"], "a");
    let link = script["deviceRunStates@odata.nextLink"].as_str().unwrap();
    assert!(link.contains("@code=5&") && !link.contains("@none"), "{link}");
    assert_eq!(client.ids(link).await, ["b"]);
}

#[tokio::test]
async fn an_alias_that_is_wrong_or_not_used_is_400_and_named() {
    let server = Server::start().await;
    let client = server.client();
    for (query, words) in [
        ("@p=1", "The parameter alias '@p' is given, but no option uses it."),
        ("$filter=id eq '@p'&@p='a'", "The parameter alias '@p' is given, but no option uses it."),
        ("$filter=id eq @P&@p='a'", "The parameter alias '@p' is given, but no option uses it."),
        ("$filter=id eq @p&@p='a'&@p='b'", "'@p' is given more than once"),
        ("$filter=id eq @p&@p=", "The value of @p is not valid at column 1"),
        ("$filter=id eq @p&@p=deviceName", "found 'deviceName' where a literal was expected"),
        ("$filter=id eq @p&@p='a", "The value of @p is not valid at column 1"),
        ("$filter=id eq @p&@p=('a')", "The value of @p is not valid at column 1"),
        ("$filter=id eq @p&@p=@q&@q='a'", "The value of @p is not valid at column 1: '@q'"),
        ("$filter=id eq @p&@p=5", "column 7: 5 is not a literal of type 'Edm.String'"),
        ("$filter=id eq @p&@p=%", "The value of @p has a '%'"),
        ("$filter=contains(id,@p)", "column 13: the literal null has no type here"),
        ("$filter=id in @p&@p='a'", "column 7: '@p' is not supported"),
        ("$top=@p&@p=1", "The value '@p' of $top"),
        ("$filter=id eq @1&@1='a'", "'@1' is not supported"),
        ("$expand=a($filter=id eq @p;@p='a')", "the option '@p' is not supported here"),
    ] {
        let message = client.get(&format!("{DEVICES}?{query}")).await.refused(400, "BadRequest");
        assert!(message.contains(words), "{query}: {message}");
    }
    let body = json!({ "id": "x" });
    let message = client.post(&format!("{DEVICES}?@p=1"), &body).await.refused(400, "BadRequest");
    assert!(message.contains("'@p'"), "{message}");
    assert!(client.ids(DEVICES).await.is_empty());
}
