//! Checks replies. Wrong are: a 5xx, an error that does not have Graph's format, a success that is not
//! in the OpenAPI document, data of another tenant, and internals of the server.

use runstate::model::ENTITY_TYPES;
use serde_json::{Value as Json, json};

use super::call::Call;
use super::connection::Answer;
use super::document::{Document, decoded, segments};
use super::spelling;

/// Words that must not be in a message, unless the request contained them.
const INTERNALS: &str = "sqlx SELECT INSERT RETURNING panicked unwrap() pg_ postgres SQLSTATE \
                      constraint violates relation .rs: tenant_id actix tokio device_state";

pub(super) struct Oracle {
    document: Document,
    base: String,
    markers: Vec<String>,
}

/// The parts of a success, as a single reply or in a batch.
struct Success<'a> {
    method: &'a str,
    target: &'a str,
    status: u16,
    content_type: Option<&'a str>,
    body: Option<&'a Json>,
}

type Verdict = Result<(), String>;

impl Oracle {
    /// An oracle for the server at `base`. The texts of its tenants start with these markers.
    pub(super) fn new(document: Document, base: String, markers: Vec<String>) -> Self {
        Self { document, base, markers }
    }

    /// The name of the operation that a request is for.
    pub(super) fn operation(&self, call: &Call) -> Option<String> {
        let operation = self.document.operation(&call.method, &call.target())?;
        operation["operationId"].as_str().map(str::to_owned)
    }

    /// Checks a reply. An error says what is wrong.
    pub(super) fn check(&self, call: &Call, answer: &Answer, marker: &str) -> Verdict {
        let text = String::from_utf8_lossy(&answer.body);
        expect(answer.status < 500, || format!("status {}", answer.status))?;
        expect(!call.succeeds || answer.status < 400, || "a correct request is refused".into())?;
        for name in ["odata-version", "request-id", "client-request-id"] {
            expect(answer.header(name).is_some(), || format!("no header {name}"))?;
        }
        let others = self.markers.iter().filter(|other| *other != marker);
        for other in others {
            expect(!text.contains(other.as_str()), || "it has a text of another tenant".into())?;
        }
        let body: Option<Json> = serde_json::from_str(&text).ok();
        if answer.status >= 400 {
            return check_refusal(call, answer, body.as_ref())
                .and_then(|()| self.check_status(&call.method, &call.target(), answer.status));
        }
        if call.method == "OPTIONS" && answer.status == 204 {
            let has_methods = answer.header("allow").is_some() && answer.body.is_empty();
            return expect(has_methods, || "no methods in the reply to OPTIONS".into());
        }
        let success = Success {
            method: &call.method,
            target: &call.target(),
            status: answer.status,
            content_type: answer.header("content-type"),
            body: body.as_ref(),
        };
        if segments(&call.target()).last().is_some_and(|last| last.eq_ignore_ascii_case("$batch")) {
            return self.check_batch(call, &success);
        }
        if answer.status == 201 {
            for name in ["location", "etag"] {
                expect(answer.header(name).is_some(), || format!("a 201 without {name}"))?;
            }
        }
        if call.method == "HEAD" || matches!(answer.status, 204 | 304) {
            expect(answer.body.is_empty(), || "an unexpected body".into())?;
        }
        self.check_success(&success)
    }

    fn check_status(&self, method: &str, target: &str, status: u16) -> Verdict {
        let Some(operation) = self.document.operation(method, target) else { return Ok(()) };
        let documented = operation["responses"].get(status.to_string()).is_some();
        expect(documented, || format!("status {status} is not documented for this operation"))
    }

    fn check_success(&self, success: &Success<'_>) -> Verdict {
        let Success { method, target, status, content_type, body } = *success;
        let operation = self.document.operation(method, target);
        let operation = operation.ok_or("a success of an undocumented operation")?;
        self.check_status(method, target, status)?;
        let response = &operation["responses"][status.to_string()];
        let Some(content) = response["content"].as_object().filter(|_| method != "HEAD") else {
            return Ok(());
        };
        let found = content_type.unwrap_or_default();
        let own = content.iter().find(|(media_type, _)| found.starts_with(media_type.as_str()));
        let (media_type, content) = own.ok_or_else(|| format!("content type '{found}'"))?;
        let Some(schema) = content.get("schema") else { return Ok(()) };
        let body = body.ok_or("the body is not JSON")?;
        self.document.validate(schema, body)?;
        if media_type != "application/json" {
            return Ok(());
        }
        // Policies of retention are not part of Graph.
        let is_policy =
            segments(target).first().is_some_and(|it| it.eq_ignore_ascii_case("runstate"));
        let bare = is_policy || found.contains("odata.metadata=none");
        let first = body.as_object().and_then(|members| members.keys().next());
        let has_context = body.get("@odata.context").is_some();
        expect(first.is_some() && has_context != bare, || "@odata.context".into())?;
        if let Some(link) = body["@odata.nextLink"].as_str() {
            expect(link.starts_with(&self.base), || format!("nextLink {link}"))?;
        }
        match has_select(target) {
            true => Ok(()),
            false => check_properties(schema, body),
        }
    }

    fn check_batch(&self, call: &Call, success: &Success<'_>) -> Verdict {
        let sent = spelling::read(&call.body)?;
        let responses = success.body.and_then(|body| body["responses"].as_array());
        let requests = member(&sent, "requests").as_array().ok_or("a success without requests")?;
        let responses = responses.ok_or("the reply to a batch has no responses")?;
        expect(requests.len() == responses.len(), || "not a response for each request".into())?;
        for (request, response) in requests.iter().zip(responses) {
            let status = response["status"].as_u64().unwrap_or(500) as u16;
            expect(status < 500, || format!("status {status} in a batch"))?;
            let body = response.get("body");
            if status >= 400 {
                check_error(body, response["headers"]["request-id"].as_str(), call)?;
                continue;
            }
            let url = member(request, "url").as_str().unwrap_or_default();
            let url = url.strip_prefix(&self.base).unwrap_or(url);
            let url = url.trim_start_matches('/');
            let target =
                if url.starts_with("beta") { format!("/{url}") } else { format!("/beta/{url}") };
            // In a batch, a plain text body is a JSON string.
            let is_text = target.split('?').next().is_some_and(|path| path.ends_with("/$count"));
            let number =
                body.filter(|_| is_text).and_then(|it| serde_json::from_str(it.as_str()?).ok());
            self.check_success(&Success {
                method: &member(request, "method")
                    .as_str()
                    .unwrap_or_default()
                    .to_ascii_uppercase(),
                target: &target,
                status,
                content_type: response["headers"]["Content-Type"].as_str(),
                body: number.as_ref().or(body),
            })
            .map_err(|why| format!("in a batch, {target}: {why}"))?;
        }
        Ok(())
    }
}

fn expect(holds: bool, why: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(why()) }
}

fn check_refusal(call: &Call, answer: &Answer, body: Option<&Json>) -> Verdict {
    if call.method == "HEAD" {
        return expect(answer.body.is_empty(), || "a body in the reply to HEAD".into());
    }
    let content_type = answer.header("content-type");
    expect(content_type == Some("application/json"), || format!("{content_type:?}"))?;
    check_error(body, answer.header("request-id"), call)
}

/// Checks that a body is a complete Graph error and contains nothing else.
fn check_error(body: Option<&Json>, id: Option<&str>, call: &Call) -> Verdict {
    let body = body.ok_or("an error without JSON")?;
    let error = &body["error"];
    let inner = &error["innerError"];
    let permissions = ["acceptedPermissions", "heldPermissions"];
    let mut names = names(inner);
    names.retain(|name| !permissions.contains(name));
    let is_whole = self::names(body) == ["error"]
        && self::names(error) == ["code", "innerError", "message"]
        && names == ["client-request-id", "date", "request-id"]
        && ["code", "message"].iter().all(|it| error[it].as_str().is_some_and(|it| !it.is_empty()))
        && inner["date"].as_str().is_some_and(|date| date.len() == 19)
        && inner["request-id"].as_str() == id;
    expect(is_whole, || "the error does not have Graph's format".into())?;
    let sent = [decoded(&call.target()), String::from_utf8_lossy(&call.body).into()].concat();
    let message = error["message"].as_str().unwrap_or_default();
    let mut internals = INTERNALS.split(' ');
    let word = internals.find(|word| message.contains(word) && !sent.contains(word));
    word.map_or(Ok(()), |word| Err(format!("the message contains '{word}'")))
}

/// Checks that each entity has all properties of its type.
fn check_properties(schema: &Json, body: &Json) -> Verdict {
    let items = json!([body]);
    let (reference, entities) = match schema["$ref"].as_str() {
        Some(reference) => (Some(reference), items.as_array()),
        None => (schema["properties"]["value"]["items"]["$ref"].as_str(), body["value"].as_array()),
    };
    let name = reference.and_then(|it| it.rsplit('/').next());
    let Some(of) = ENTITY_TYPES.iter().find(|of| Some(of.name) == name) else { return Ok(()) };
    let own: Vec<&str> = of.properties.iter().map(|it| it.name).collect();
    for entity in entities.into_iter().flatten() {
        let mut missing = own.iter().filter(|name| entity.get(**name).is_none());
        if let Some(name) = missing.next() {
            return Err(format!("an entity without {name}"));
        }
    }
    Ok(())
}

/// The names of an object's members, sorted.
fn names(json: &Json) -> Vec<&str> {
    let mut names: Vec<&str> =
        json.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names
}

/// The member of an object in a batch, whose names may be in any case.
fn member<'a>(object: &'a Json, name: &str) -> &'a Json {
    let mut members = object.as_object().into_iter().flatten();
    members.find(|(own, _)| own.eq_ignore_ascii_case(name)).map_or(&Json::Null, |(_, it)| it)
}

fn has_select(target: &str) -> bool {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let mut names =
        query.split('&').map(|pair| decoded(pair.split('=').next().unwrap_or_default()));
    names.any(|name| name.trim_start_matches('$').eq_ignore_ascii_case("select"))
}
