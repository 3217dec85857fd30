//! How are `$metadata` and the OpenAPI document sent: compressed, and only to a client that has them not?

use std::io::Read;

use flate2::read::GzDecoder;
use reqwest::{Method, Response};
use serde_json::json;

use crate::harness::Server;

/// The documents, each with a value of `Accept` and what a reply varies by.
const DOCUMENTS: [(&str, &str, &[&str]); 3] = [
    ("/openapi.json", "application/json", &["Accept-Encoding"]),
    ("/beta/$metadata", "application/xml", &["Accept-Encoding", "Accept"]),
    ("/beta/$metadata", "application/json", &["Accept-Encoding", "Accept"]),
];

async fn ask(server: &Server, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = server.client_with_token(None).request(Method::GET, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

fn header<'a>(reply: &'a Response, name: &str) -> Option<&'a str> {
    reply.headers().get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_description_is_compressed_for_a_client_that_accepts_it() {
    let server = Server::start().await;
    for (path, accept, varies) in DOCUMENTS {
        let plain = ask(&server, path, &[("accept", accept)]).await;
        assert_eq!(header(&plain, "content-encoding"), None, "{path}");
        let gzip = ask(&server, path, &[("accept", accept), ("accept-encoding", "br, gzip")]).await;
        assert_eq!(header(&gzip, "content-encoding"), Some("gzip"), "{path}");
        for reply in [&plain, &gzip] {
            assert_eq!(header(reply, "content-type"), Some(accept), "{path}");
            let vary: Vec<_> = reply.headers().get_all("vary").iter().collect();
            assert_eq!(vary, varies, "{path}");
        }
        assert_ne!(header(&plain, "etag"), header(&gzip, "etag"), "{path}");
        let (plain, gzip) = (plain.text().await.unwrap(), gzip.bytes().await.unwrap());
        assert!(gzip.len() * 4 < plain.len(), "{path}: {} {}", gzip.len(), plain.len());
        let mut text = String::new();
        GzDecoder::new(&*gzip).read_to_string(&mut text).unwrap();
        assert_eq!(text, plain, "{path}");
    }
}

#[tokio::test]
async fn a_description_that_the_client_has_is_not_sent_again() {
    let server = Server::start().await;
    for (path, accept, _) in DOCUMENTS {
        for coding in ["gzip", "identity"] {
            let mut headers = vec![("accept", accept), ("accept-encoding", coding)];
            let first = ask(&server, path, &headers).await;
            let tag = header(&first, "etag").unwrap();
            headers.push(("if-none-match", tag));
            let known = ask(&server, path, &headers).await;
            assert_eq!((known.status().as_u16(), header(&known, "etag")), (304, Some(tag)));
            assert_eq!(known.bytes().await.unwrap(), "");
            headers[2].1 = "\"x\"";
            assert_eq!(ask(&server, path, &headers).await.status().as_u16(), 200, "{path}");
        }
    }
}

#[tokio::test]
async fn a_description_inside_a_batch_is_never_compressed() {
    let server = Server::start().await;
    let client = server.client();
    let plain = client.get("/beta/$metadata?$format=json").await.ok();
    let item = json!({
        "id": "1",
        "method": "GET",
        "url": "/$metadata?$format=json",
        "headers": { "Accept-Encoding": "gzip" },
    });
    let reply = client.post("/beta/$batch", &json!({ "requests": [item] })).await.ok();
    let item = &reply["responses"][0];
    assert_eq!((&item["status"], &item["body"]), (&json!(200), &plain));
    assert_eq!(item["headers"].get("Content-Encoding"), None);
}
