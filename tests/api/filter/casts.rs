//! Does `cast` make the values of OData's rules, null where a value does not fit, and never an error?

use super::results::{finds, run_states};
use crate::harness::{DEVICES, SCRIPTS, Server, encoded};
use serde_json::json;

#[tokio::test]
async fn a_value_is_cast_to_text_as_json_has_it() {
    let server = Server::start().await;
    let client = server.client();
    let at = "lastStateUpdateDateTime";
    let table = [
        ("cast(errorCode,Edm.String) eq '5'", "b"),
        ("cast(errorCode, 'edm.string') in ('-7','2147483647')", "c e"),
        ("startswith(cast(errorCode,Edm.String),'-')", "c"),
        ("cast(errorCode divby 2,Edm.String) eq '2.5'", "b"),
        ("cast(runState,Edm.String) eq 'scriptError'", "c"),
        ("contains(cast(runState,Edm.String),'s')", "a c"),
        ("cast(AT,Edm.String) eq '2017-01-01T00:02:58.4418045-08:00'", "a"),
        ("cast(AT,Edm.String) eq '0001-01-01T00:00:00Z'", "d"),
        ("cast(date(AT),Edm.String) eq '2020-02-29'", "b e"),
        ("cast(time(AT),Edm.String) eq '12:00:00'", "c"),
        ("cast(time(AT),Edm.String) eq '00:02:58.4418045'", "a"),
        (
            "cast(2017-01-01T00:00:00.50+01:00,Edm.String) eq '2017-01-01T00:00:00.5+01:00'",
            "a b c d e",
        ),
        ("cast(2017-01-01,Edm.String) eq '2017-01-01'", "a b c d e"),
        ("cast(duration'PT90M',Edm.String) eq 'PT1H30M'", "a b c d e"),
        ("cast(true,Edm.String) eq 'true' and cast(1.50,Edm.String) eq '1.5'", "a b c d e"),
        ("cast(resultMessage,Edm.String) eq 'Done'", "a"),
        ("cast(resultMessage,Edm.String) eq null", "c d"),
        ("cast(managedDevice/complianceState,Edm.String) eq 'compliant'", "a e"),
        ("cast(managedDevice/hardwareInformation/totalStorageSpace,Edm.String) eq '64'", "a e"),
        ("cast(null,Edm.String) eq null", "a b c d e"),
    ];
    let table: Vec<_> = table.iter().map(|(it, ids)| (it.replace("AT", at), *ids)).collect();
    let table: Vec<_> = table.iter().map(|(it, ids)| (&**it, *ids)).collect();
    finds(&client, &run_states(&client).await, "id", &table).await;
}

#[tokio::test]
async fn a_number_that_does_not_fit_is_null() {
    let server = Server::start().await;
    let client = server.client();
    let states = run_states(&client).await;
    for (id, message) in
        [("m", "42"), ("n", "-3.75"), ("o", "99999999999"), ("p", "1e999"), ("q", "7x")]
    {
        client.post(&states, &json!({ "id": id, "resultMessage": message })).await.created();
    }
    let table = [
        ("cast(errorCode,Edm.Int16) eq null", "e"),
        ("cast(errorCode,Edm.Byte) eq null", "c e"),
        ("cast(errorCode,Edm.SByte) eq -7", "c"),
        ("cast(errorCode,Edm.Int64) mul 2 gt 4294967290", "e"),
        ("cast(errorCode mul 1e100,Edm.Int64) eq null", "b c e"),
        ("cast(errorCode mul 1e100 mul 1e100 mul 1e100 mul 1e100,Edm.Double) eq null", "b c e"),
        ("cast(errorCode divby 2,Edm.Int32) eq 3", "b"),
        ("cast(errorCode,Edm.Decimal) div 2 eq 2.5", "b"),
        ("errorCode div cast(2.4,Edm.Int32) eq 2", "b"),
        ("cast(resultMessage,Edm.Int32) eq 42", "m"),
        ("cast(resultMessage,Edm.Int32) ne null", "m"),
        ("cast(resultMessage,Edm.Int64) gt 42", "o"),
        ("cast(resultMessage,Edm.Decimal) lt 0", "n"),
        ("cast(resultMessage,Edm.Double) eq 42", "m"),
        ("not (cast(resultMessage,Edm.Int32) gt 0)", "a b c d e n o p q"),
        ("cast('8',Edm.Int32) eq 8 and cast('8.0',Edm.Int32) eq null and id eq 'a'", "a"),
        ("cast(cast(cast(errorCode,Edm.String),Edm.Int32),Edm.String) eq '5'", "b"),
    ];
    finds(&client, &states, "id", &table).await;
    let nested = (0..40).fold("errorCode".to_owned(), |inner, _| {
        format!("cast(cast({inner},Edm.String),Edm.Int64)")
    });
    let query = encoded(&format!("{nested} eq 5"));
    assert_eq!(client.ids(&format!("{states}?$filter={query}")).await, ["b"]);
}

#[tokio::test]
async fn every_double_fits_a_double() {
    let server = Server::start().await;
    let client = server.client();
    let table = [
        ("cast(INF,Edm.String) eq 'INF' and cast(-INF,Edm.String) eq '-INF'", "a b c d e"),
        ("cast(NaN,Edm.String) eq 'NaN'", "a b c d e"),
        ("cast(INF,Edm.String) eq 'Infinity'", ""),
        ("cast(INF,Edm.Double) eq INF and cast(-INF,Edm.Double) eq -INF", "a b c d e"),
        ("cast('INF',Edm.Double) eq INF and cast('-INF',Edm.Double) lt 0", "a b c d e"),
        ("cast(cast('INF',Edm.Double),Edm.String) eq 'INF'", "a b c d e"),
        ("cast(NaN,Edm.Double) ne null and cast('NaN',Edm.Double) ne null", "a b c d e"),
        ("cast('1e100',Edm.Double) gt 1 and cast('1e-100',Edm.Double) gt 0", "a b c d e"),
        ("cast(1e308,Edm.Double) gt 1e100 and cast(-1E+308,Edm.Double) lt 0", "a b c d e"),
        ("cast(1e-300,Edm.Double) gt 0 and cast('1e308',Edm.Double) lt INF", "a b c d e"),
        // These do not fit.
        ("cast(1e309,Edm.Double) eq null and cast('-1e309',Edm.Double) eq null", "a b c d e"),
        ("cast('inf',Edm.Double) eq null and cast('Infinity',Edm.Double) eq null", "a b c d e"),
        ("cast(INF,Edm.Int64) eq null and cast(NaN,Edm.Int32) eq null", "a b c d e"),
        ("cast('INF',Edm.Int64) eq null and cast('INF',Edm.Decimal) eq null", "a b c d e"),
    ];
    finds(&client, &run_states(&client).await, "id", &table).await;
    let filter = "cast(1e308,Edm.Decimal) gt 1";
    let reply = client.get(&format!("{DEVICES}?$filter={}", encoded(filter))).await;
    let message = reply.refused(400, "BadRequest");
    let words = "column 6: 1e308 is not a literal of type 'Edm.Decimal', which is a number \
                 of up to 40 characters, with an exponent of up to 100.";
    assert!(message.ends_with(words), "{message}");
}

#[tokio::test]
async fn booleans_and_times_are_cast() {
    let server = Server::start().await;
    let client = server.client();
    let states = run_states(&client).await;
    client.post(&states, &json!({ "id": "t", "resultMessage": "True" })).await.created();
    let at = "lastStateUpdateDateTime";
    let table = [
        ("cast(resultMessage,Edm.Boolean)", "t"),
        ("cast(resultMessage,Edm.Boolean) eq null", "a b c d e"),
        ("cast('false',Edm.Boolean) eq false and id eq 'a'", "a"),
        ("cast('no',Edm.Boolean) eq null and id eq 'a'", "a"),
        ("cast(AT,Edm.Date) eq 2020-02-29", "b e"),
        ("cast(AT,Edm.TimeOfDay) eq 12:00:00", "c"),
        ("AT ge cast('2020-02-29T23:30:00Z',Edm.DateTimeOffset)", "b c e"),
        ("AT ge cast('2020-02-29',Edm.DateTimeOffset)", "b c e"),
        ("AT ge cast(2020-03-01,Edm.DateTimeOffset)", "c"),
        ("AT gt cast(date(AT),Edm.DateTimeOffset)", "a b c e"),
        ("AT eq cast('nonsense',Edm.DateTimeOffset)", ""),
        ("date(AT) eq cast('2020-02-29',Edm.Date)", "b e"),
        ("time(AT) eq cast('12:00',Edm.TimeOfDay)", "c"),
        ("AT sub cast('P1D',Edm.Duration) lt 2017-01-01", "a d t"),
        ("totaloffsetminutes(cast(null,Edm.DateTimeOffset)) eq null and id eq 'a'", "a"),
        ("year(cast(2020-03-01,Edm.DateTimeOffset)) eq 2020 and id eq 'a'", "a"),
    ];
    let table: Vec<_> = table.iter().map(|(it, ids)| (it.replace("AT", at), *ids)).collect();
    let table: Vec<_> = table.iter().map(|(it, ids)| (&**it, *ids)).collect();
    finds(&client, &states, "id", &table).await;
    let order = "cast(errorCode,Edm.String) desc";
    let sorted = client.ids(&format!("{states}?$top=2&$orderby={order}")).await;
    assert_eq!(sorted, ["b", "e", "a", "d", "t", "c"]);
}

#[tokio::test]
async fn members_of_enumerations_in_complex_values_are_texts() {
    let server = Server::start().await;
    let client = server.client();
    let member = "deviceGuardVirtualizationBasedSecurityState";
    let hardware = json!({ member: "running" });
    client.post(DEVICES, &json!({ "id": "a", "hardwareInformation": hardware })).await.created();
    let filter = format!("cast(hardwareInformation/{member},Edm.String) eq 'running'");
    assert_eq!(client.ids(&format!("{DEVICES}?$filter={filter}")).await, ["a"]);
}

#[tokio::test]
async fn a_cast_that_cannot_succeed_is_400_and_named() {
    let server = Server::start().await;
    let client = server.client();
    for (filter, words) in [
        ("cast(id,Edm.Guid) eq 'a'", "column 9: 'cast' to 'Edm.Guid' is not supported"),
        ("cast(id,microsoft.graph.runState) eq 'a'", "'microsoft.graph.runState'"),
        (
            "cast(id,Edm.DateTimeOffset) eq null",
            "column 6: 'cast' cannot make 'Edm.DateTimeOffset' of 'Edm.String'",
        ),
        ("cast(runAs32Bit,Edm.Int32) eq 1", "cannot make 'Edm.Int32' of 'Edm.Boolean'"),
        ("cast(runAsAccount,Edm.Int32) eq 1", "of 'microsoft.graph.runAsAccountType'"),
        ("cast(createdDateTime,Edm.Int64) eq 1", "of 'Edm.DateTimeOffset'"),
        ("cast(5,Edm.Boolean) eq true", "cannot make 'Edm.Boolean' of 'Edm.Decimal'"),
        (
            "cast(createdDateTime add duration'P1D',Edm.String) eq ''",
            "needs a property or a literal",
        ),
        ("cast(id) eq 'a'", "'cast' takes 2 arguments, not 1"),
        ("cast(id,Edm.String,1) eq 'a'", "'cast' takes 2 arguments, not 3"),
        ("cast(id,5) eq 'a'", "needs the name of a primitive type here"),
        ("cast(id,displayName/Edm.String) eq 'a'", "needs the name of a primitive type here"),
        ("cast(scriptContent,Edm.String) eq 'a'", "'Edm.Binary'"),
        ("cast(roleScopeTagIds,Edm.String) eq 'a'", "'Collection(Edm.String)'"),
        ("cast(errorCode,Edm.String) eq '5'", "'errorCode'"),
        ("cast(id,Edm.String) eq 5", "column 24"),
    ] {
        let reply = client.get(&format!("{SCRIPTS}?$filter={}", encoded(filter))).await;
        let message = reply.refused(400, "BadRequest");
        assert!(message.contains(words), "{filter}: {message}");
    }
}
