//! The descriptions of the API, which need no token: the service document, `$metadata`, and the
//! OpenAPI document. All of them follow from the model. Does not know how requests are executed.

mod capabilities;
mod csdl_json;
mod csdl_xml;
mod openapi;
mod types;

use std::sync::{LazyLock, OnceLock};

use serde_json::json;

use super::representation::Representation;
use crate::error::{FormatReason, Result};
use crate::headers;
use crate::message::{Request, Response};
use crate::model::permission::Profile;
use crate::model::{API_VERSION, ROOT, Surface};
use crate::odata::Options;
use crate::plan::annotation;
use crate::route::Description;

static OF_GRAPH: LazyLock<Documents> = LazyLock::new(|| Documents::of(Surface::Graph));
static EXTENDED: LazyLock<Documents> = LazyLock::new(|| Documents::of(Surface::Extended));

/// The descriptions of a part of the API.
struct Documents {
    csdl_xml: Representation,
    csdl_json: Representation,
    /// One for each profile, since it names permissions.
    openapi: [OnceLock<Representation>; 3],
}

/// The reply to a request for a description.
///
/// # Errors
/// If an option or the version of OData is not supported, or the client accepts none of the
/// formats.
pub fn answer(
    request: &Request,
    description: Description,
    surface: Surface,
    profile: Profile,
) -> Result<Response> {
    headers::check_odata_version(&request.headers)?;
    let options = Options::parse(&request.query)?;
    options.check(&["$format"])?;
    let format = options.format.as_deref();
    let documents: &Documents = match surface {
        Surface::Graph => &OF_GRAPH,
        Surface::Extended => &EXTENDED,
    };
    match description {
        Description::ServiceDocument => service_document(request, format),
        Description::Metadata => metadata(request, format, documents),
        Description::OpenApi => {
            headers::accepted_format(&request.headers, format)?;
            let document = documents.openapi[profile as usize].get_or_init(|| {
                let document = openapi::document(surface, profile);
                Representation::new("application/json", document.to_string())
            });
            Ok(document.reply(&request.headers))
        }
    }
}

fn service_document(request: &Request, format: Option<&str>) -> Result<Response> {
    let level = headers::accepted_format(&request.headers, format)?;
    let name = ROOT.name;
    let mut document = json!({ "value": [{ "name": name, "kind": "Singleton", "url": name }] });
    if annotation::has_context(level) {
        document["@odata.context"] = format!("{}/{API_VERSION}/$metadata", request.base).into();
    }
    let media_type = format!(
        "application/json;odata.metadata={};odata.streaming=true;IEEE754Compatible=false;\
         charset=utf-8",
        level.name()
    );
    let headers = vec![("Content-Type".into(), media_type)];
    Ok(Response { status: 200, headers, body: document.to_string().into() })
}

fn metadata(request: &Request, format: Option<&str>, documents: &Documents) -> Result<Response> {
    let offered = ["application/xml", "application/json"];
    let media_type = match format.map(str::to_ascii_lowercase).as_deref() {
        None => headers::preferred_type(&request.headers, &offered)?,
        Some("xml" | "application/xml") => offered[0],
        Some("json" | "application/json") => offered[1],
        Some(other) => {
            return Err(FormatReason::Metadata { asked: other.to_owned() }.into());
        }
    };
    let is_xml = media_type == offered[0];
    let document = if is_xml { &documents.csdl_xml } else { &documents.csdl_json };
    let mut response = document.reply(&request.headers);
    response.headers.push(("Vary".into(), "Accept".into()));
    Ok(response)
}

impl Documents {
    fn of(surface: Surface) -> Self {
        Self {
            csdl_xml: Representation::new("application/xml", csdl_xml::document(surface)),
            csdl_json: Representation::new(
                "application/json",
                csdl_json::document(surface).to_string(),
            ),
            openapi: Default::default(),
        }
    }
}
