//! Writes that a client may repeat, and creates that share a statement.

use runstate::plan::{Act, Plan};
use runstate::sql::{self, KeptReply, Update};

use crate::golden::{assert_golden, assert_text, statement_text};
use crate::request::{Request, SCRIPT, TENANT};

fn keyed() -> Request {
    let request = Request::post(format!("{SCRIPT}/deviceRunStates"), r#"{"id": "state"}"#);
    request.with("Idempotency-Key", "\"one\"")
}

#[test]
fn the_key_of_a_retry_has_a_fingerprint_of_the_request() {
    assert_golden("create_once", &keyed());
}

#[test]
fn a_reply_is_kept_with_the_key() {
    let plan = keyed().plan();
    let key = plan.idempotency_key().unwrap();
    let headers = vec![("Content-Type".into(), "application/json".into())];
    let reply = KeptReply { status: 201, headers, body: b"{}".to_vec() };
    let text = [
        statement_text("The key is taken", &sql::take_key(TENANT, "caller", key)),
        statement_text("The reply is read", &sql::kept_reply(TENANT, "caller", key)),
        statement_text("The reply is kept", &sql::keep_reply(TENANT, "caller", key, reply)),
    ];
    assert_text("idempotency_key", &text.concat());
}

#[test]
fn creates_of_several_parents_share_a_statement() {
    let other = "deviceManagementScripts/33333333-3333-4333-8333-333333333333";
    let plans = [SCRIPT, other].map(|script| {
        let body = r#"{"id": "state", "runState": "success"}"#;
        Request::post(format!("{script}/deviceRunStates"), body).plan()
    });
    let [first, second] = plans.each_ref().map(|plan| (TENANT, new_entity(plan)));
    let statement = sql::create_together(first, &[second], plans[0].shape(), plans[0].root());
    assert_text("create_together", &statement_text("Two creates", &statement));
}

#[test]
fn updates_of_several_parents_share_a_statement() {
    let other = "deviceManagementScripts/33333333-3333-4333-8333-333333333333";
    let plans = [SCRIPT, other].map(|script| {
        let body = r#"{"errorCode": 5, "managedDevice@odata.bind": null}"#;
        let request = Request::patch(format!("{script}/deviceRunStates/state"), body);
        request.with("If-Match", "W/\"1\"").plan()
    });
    let [first, second] = plans.each_ref().map(update);
    assert!(first.has_form_of(&second));
    let statement = sql::update_together(first, &[second], plans[0].shape(), plans[0].root());
    assert_text("update_together", &statement_text("Two updates", &statement));
}

fn update(plan: &Plan) -> Update<'_> {
    match plan.act() {
        Act::Update { entity, change, if_match } => {
            Update { tenant: TENANT, entity, change, if_match: if_match.as_ref() }
        }
        _ => panic!("the plan changes nothing"),
    }
}

fn new_entity(plan: &Plan) -> &runstate::plan::NewEntity {
    match plan.act() {
        Act::Create { entity, .. } => entity,
        _ => panic!("the plan creates nothing"),
    }
}
