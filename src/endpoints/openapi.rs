//! What the OpenAPI documents of this server have in common. Knows no path.

use serde_json::{Map, Value as Json, json};

/// A document of paths that need a bearer token. `components` are those besides the security scheme.
pub(super) fn document(
    title: &str,
    description: &str,
    paths: &Map<String, Json>,
    components: Map<String, Json>,
) -> Json {
    let scheme = json!({ "bearer": { "type": "http", "scheme": "bearer" } });
    let mut all = Map::from_iter([("securitySchemes".to_owned(), scheme)]);
    all.extend(components);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": env!("CARGO_PKG_VERSION"),
            "description": description,
        },
        "servers": [{ "url": "/" }],
        "security": [{ "bearer": [] }],
        "paths": paths,
        "components": all,
    })
}
