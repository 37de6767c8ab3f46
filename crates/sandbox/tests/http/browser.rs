//! What a browser is allowed: any page may use the service, only the sandbox's own page the control API.

use reqwest::Method;
use serde_json::json;

use crate::harness::*;

#[tokio::test]
async fn preflights_allow_what_the_vendor_client_sends() {
    let centre = centre().await;
    let customer = centre.customer().await;
    let paths = ["", "/messages", "/images", "/userdata", "/participants/p"];
    for (path, method) in paths.into_iter().zip(["POST", "GET", "POST", "PUT", "DELETE"]) {
        let response = customer
            .request(Method::OPTIONS, path)
            .header("origin", "https://shop.example")
            .header("access-control-request-method", method)
            .header("access-control-request-headers", "content-type,x-api-key,x-nexus-client-key")
            .send()
            .await
            .unwrap();
        assert!(response.status().is_success(), "{method}");
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_lowercase();
        assert!(["*", "https://shop.example"].contains(&header("access-control-allow-origin").as_str()));
        assert!(header("access-control-allow-methods").contains(&method.to_lowercase()));
        for name in ["x-api-key", "x-nexus-client-key", "content-type"] {
            assert!(header("access-control-allow-headers").contains(name));
        }
    }
}

#[tokio::test]
async fn every_answer_of_the_service_may_be_read_by_a_page() {
    let centre = centre().await;
    let customer = centre.customer().await;
    let read = |query: &'static str| {
        customer
            .request(Method::GET, &format!("/messages?{query}"))
            .header("origin", "https://shop.example")
            .send()
    };
    let good = read("").await.unwrap();
    assert!(good.headers().contains_key("access-control-allow-origin"));
    centre.fault(json!({ "on": "poll", "kind": "status", "code": 429, "retry_after": 1 })).await;
    let limited = read("").await.unwrap();
    assert_eq!(limited.status(), 429);
    assert!(limited.headers().contains_key("access-control-allow-origin"));
    assert_eq!(limited.headers()["access-control-expose-headers"], "retry-after");
}

#[tokio::test]
async fn the_control_api_refuses_other_pages_and_other_names() {
    let centre = centre().await;
    centre.customer().await;
    let post = |name: &'static str, value: String| {
        centre.http.post(centre.control_url("/sessions/latest/end")).header(name, value).send()
    };
    let other_port = centre.running.directory().control.replace(":", "0");
    for (name, value) in [
        ("origin", "https://shop.example".to_owned()),
        ("origin", "null".to_owned()),
        ("origin", other_port),
        ("sec-fetch-site", "cross-site".to_owned()),
        ("host", "rebound.example".to_owned()),
    ] {
        let response = post(name, value.clone()).await.unwrap();
        assert_eq!(response.status(), 403, "{name}: {value}");
        assert!(!response.headers().contains_key("access-control-allow-origin"));
    }
    assert_eq!(centre.look("/sessions/latest").await["ended"], false);
    let own = post("origin", centre.origin()).await.unwrap();
    assert_eq!(own.status(), 200);
}

#[tokio::test]
async fn the_console_page_comes_with_a_strict_policy() {
    let centre = centre().await;
    let console = centre.running.directory().console.clone();
    for (path, mime) in [("", "text/html"), ("/console.css", "text/css"), ("/console.js", "text/javascript")]
    {
        let response = centre.http.get(format!("{console}{path}")).send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(response.headers()["content-type"].to_str().unwrap().starts_with(mime));
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        let text = response.text().await.unwrap();
        assert!(text.len() > 500, "{path} has content");
        for forbidden in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "eval(",
            "document.write",
            " style=",
            " onclick=",
        ] {
            assert!(!text.contains(forbidden), "{forbidden} in console{path}");
        }
    }
    let rebound = centre.http.get(&console).header("host", "rebound.example").send().await.unwrap();
    assert_eq!(rebound.status(), 403);
}
