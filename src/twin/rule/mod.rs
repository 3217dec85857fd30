//! Rules: which requests of a tenant a fault happens to. Finds the rule of a request and counts; does
//! not carry faults out.

mod fault;
mod from_header;
mod status;
mod turn;

use aws_lc_rs::digest::{SHA256, digest};

use super::call::{Call, Verb};
use super::condition::Condition;
use super::json;
use super::limits::{MAX_RULES, MAX_TWIN_NAME};
use super::members::{Members, wrong};
use crate::error::{Result, TwinReason};
use crate::odata::Json;
use turn::Turn;

pub use fault::{Cut, Fault, Loss, Place, Quirk};
pub use from_header::fault_of_header;
pub use status::StatusFault;

/// A rule as the client wrote it.
#[derive(Debug)]
pub struct Rule {
    /// The id, if the client chose it.
    pub id: Option<String>,
    condition: Condition,
    turn: Turn,
    fault: Fault,
    /// `when` and `then`, to be shown again.
    shown: (String, String),
}

/// A rule of a tenant, with what has become of it.
#[derive(Debug)]
struct Counted {
    id: String,
    rule: Rule,
    /// The requests for which its conditions held.
    matched: u64,
    /// The requests to which the fault happened.
    hits: u64,
}

/// The rules of a tenant, in the order in which they are tried.
#[derive(Debug, Default)]
pub struct Rules {
    rules: Vec<Counted>,
    made: u64,
    seed: u64,
}

/// The fault that happens to a request.
#[derive(Clone, Debug)]
pub struct Hit {
    /// The id of the rule; `None` where the request asked for the fault itself.
    pub rule: Option<String>,
    pub fault: Fault,
    /// A pseudo-random number from 0 to 1, the same in each run: for the jitter of a delay.
    pub random: f64,
}

impl Rule {
    /// Reads a rule.
    ///
    /// # Errors
    /// For a member that is unknown or wrong, by name; for a fault that cannot happen where the rule
    /// holds.
    pub fn read(mut members: Members) -> Result<Self> {
        let expected = "1 to 100 letters, digits, '-', '_' or '.', and not be '.' or '..'";
        let id = members.value("id", expected, id)?;
        let when = members.json("when").unwrap_or(Json::Object(Vec::new()));
        let then = members.json("then");
        let then = members.given("then", then)?;
        members.end()?;
        let shown = (json::write(&when), json::write(&then));
        let mut conditions = Members::of_member("when", when)?;
        let condition = Condition::of_when(&mut conditions)?;
        let turn = Turn::read(&mut conditions)?;
        conditions.end()?;
        let fault = Fault::read(&then)?;
        if condition.wants_item() && !fault.fits_item() {
            let expected = "a fault that can happen inside a batch, since when.inBatch is true";
            return Err(wrong("then", &then, expected));
        }
        Ok(Self { id, condition, turn, fault, shown })
    }
}

impl Rules {
    /// Checks the rules of a new tenant; returns the JSON of each.
    ///
    /// # Errors
    /// As [`Rule::read`], and if there are too many, or two with the same id.
    pub fn read(items: Vec<Json>) -> Result<Vec<String>> {
        let mut rules = Self::default();
        let texts = items.iter().map(json::write).collect();
        for item in items {
            rules.add(Rule::read(Members::of_member("rules", item)?)?)?;
        }
        Ok(texts)
    }

    /// No rules; the random numbers of `chance` follow from `seed`.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    /// Adds a rule, which is tried after the others; returns its id.
    ///
    /// # Errors
    /// If the id is taken, or there are too many rules.
    pub fn add(&mut self, rule: Rule) -> Result<String> {
        if self.rules.len() >= MAX_RULES {
            let place = "tenant";
            return Err(TwinReason::Full { place, kind: "rule", limit: MAX_RULES }.into());
        }
        let id = match &rule.id {
            Some(id) => id.clone(),
            None => self.new_id(),
        };
        if self.rules.iter().any(|it| it.id == id) {
            return Err(TwinReason::Taken { kind: "rule", id }.into());
        }
        self.rules.push(Counted { id: id.clone(), rule, matched: 0, hits: 0 });
        Ok(id)
    }

    /// How many rules there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there is no rule.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Removes a rule; whether it was there.
    pub fn remove(&mut self, id: &str) -> bool {
        let before = self.rules.len();
        self.rules.retain(|it| it.id != id);
        self.rules.len() < before
    }

    /// Removes all rules. The counter of `chance` begins anew, so that a run can be repeated.
    pub fn clear(&mut self) {
        *self = Self::seeded(self.seed);
    }

    /// A rule as JSON, with its counters.
    #[must_use]
    pub fn show(&self, id: &str) -> Option<String> {
        self.rules.iter().find(|it| it.id == id).map(Counted::show)
    }

    /// All rules as JSON, in the order in which they are tried.
    pub fn show_all(&self) -> impl Iterator<Item = String> {
        self.rules.iter().map(Counted::show)
    }

    /// The fault of the first rule that holds for a request, counted.
    pub fn hit(&mut self, call: &Call) -> Option<Hit> {
        let seed = self.seed;
        self.rules.iter_mut().find_map(|it| it.hit(call, seed))
    }

    fn new_id(&mut self) -> String {
        loop {
            self.made += 1;
            let id = format!("rule-{}", self.made);
            if !self.rules.iter().any(|it| it.id == id) {
                return id;
            }
        }
    }
}

impl Counted {
    fn hit(&mut self, call: &Call, seed: u64) -> Option<Hit> {
        let Rule { condition, turn, fault, .. } = &self.rule;
        if !may_happen(fault, call) || !condition.holds(call) {
            return None;
        }
        self.matched += 1;
        if !turn.is_now(self.matched, self.hits, random(seed, &self.id, self.matched, 0)) {
            return None;
        }
        self.hits += 1;
        let random = random(seed, &self.id, self.matched, 1);
        Some(Hit { rule: Some(self.id.clone()), fault: fault.clone(), random })
    }

    fn show(&self) -> String {
        let Self { id, rule: Rule { shown: (when, then), .. }, matched, hits } = self;
        let id = json::write(&Json::String(id.clone()));
        format!(
            "{{\"id\":{id},\"when\":{when},\"then\":{then},\"matched\":{matched},\"hits\":{hits}}}"
        )
    }
}

/// Whether a fault can happen to a request.
#[must_use]
pub fn may_happen(fault: &Fault, call: &Call) -> bool {
    if call.place.is_some() && !fault.fits_item() {
        return false;
    }
    match fault {
        Fault::Pretend | Fault::Stale(_) => call.is_write() && call.verb.is_some(),
        Fault::Twice => call.verb == Some(Verb::Create) && call.is_key_new,
        _ => true,
    }
}

/// A pseudo-random number from 0 to 1, which follows from the seed, the rule and the number of the request.
fn random(seed: u64, rule: &str, matched: u64, purpose: u8) -> f64 {
    let hash = digest(&SHA256, format!("{seed}\n{matched}\n{purpose}\n{rule}").as_bytes());
    let mut first = [0; 4];
    first.copy_from_slice(&hash.as_ref()[..4]);
    f64::from(u32::from_be_bytes(first)) / (f64::from(u32::MAX) + 1.0)
}

fn id(json: &Json) -> Option<String> {
    let Json::String(id) = json else { return None };
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let is_id = (1..=MAX_TWIN_NAME).contains(&id.len())
        && id.bytes().all(is_plain)
        && ![".", ".."].contains(&id.as_str());
    is_id.then(|| id.clone())
}

#[cfg(test)]
mod tests;
