//! Generates valid requests for policies of retention, also with ids of other tenants.

use serde_json::{Value as Json, json};

use super::call::Call;
use super::generate::Generator;

const TENANT: &str = "/runstate/v1/retention";

impl Generator {
    pub(super) fn policy(&mut self) -> Call {
        let script = format!("{TENANT}/scripts/{}", self.memory.any_id(&mut self.dice));
        match self.dice.below(5) {
            0 => Call::new("GET", TENANT.into()),
            1 => Call::with_body("PATCH", TENANT.into(), &self.values()),
            2 => Call::with_body("PUT", script, &self.values()),
            3 => Call::new("DELETE", script),
            _ => Call::new("GET", script),
        }
    }

    fn values(&mut self) -> Json {
        let days = [json!(0), json!(7), json!(30), json!(90), json!(365), Json::Null];
        let numbers = [json!(1), json!(36_500), Json::Null];
        let mut body = json!({});
        for (name, values) in
            [("historyDays", &days[..]), ("historyVersions", &numbers), ("runStateDays", &numbers)]
        {
            if self.dice.one_in(2) {
                body[name] = values[self.dice.below(values.len())].clone();
            }
        }
        body
    }
}
