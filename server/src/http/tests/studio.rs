//! Who may see the Studio.

use super::*;

async fn with_token(shop: &TestShop, path: &str, authorization: &str) -> Answer {
    let request = Request::get(path).header(header::AUTHORIZATION, authorization);
    shop.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn the_token_is_asked_for_before_anything_else() {
    let shop = shop();
    let read = ["report", "training", "listings", "listings?offset=x", "listings/edits"];
    let personas = ["personas/0", "personas/-1", "personas/x", "personas/%ff"];
    for path in read.into_iter().chain(personas) {
        let answer = shop.get(&format!("/v1/studio/{path}")).await;
        assert_eq!(answer.code(), "unauthorized", "{path}");
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
    }
    for path in ["/v1/studio/teacher", "/v1/studio/teacher/7"] {
        let posted = Request::post(path).body(Body::from("x".repeat(2 << 20))).unwrap();
        assert_eq!(shop.send(posted).await.code(), "unauthorized", "{path}");
    }
    for (method, path) in [("PUT", "7"), ("POST", "7/check"), ("POST", "7/revert")] {
        let request = Request::builder().method(method).uri(format!("/v1/studio/listings/{path}"));
        let request = request.body(Body::from("x".repeat(2 << 20))).unwrap();
        assert_eq!(shop.send(request).await.code(), "unauthorized", "{path}");
    }
}

#[tokio::test]
async fn the_scheme_is_taken_in_any_case_and_the_token_is_not() {
    let shop = shop();
    let path = "/v1/studio/training";
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let answer = with_token(&shop, path, &format!("{scheme} {TOKEN}")).await;
        assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{scheme}");
    }
    for wrong in [
        format!("Basic {TOKEN}"),
        format!("Bearer {}", TOKEN.to_uppercase()),
        "Bearer".to_owned(),
        format!("Bearer{TOKEN}"),
        TOKEN.to_owned(),
    ] {
        assert_eq!(with_token(&shop, path, &wrong).await.code(), "unauthorized", "{wrong}");
    }
}

#[tokio::test]
async fn what_is_no_number_is_no_persona() {
    let shop = shop();
    for shopper in ["-1", "x", "4294967296", "%ff"] {
        let path = format!("/v1/studio/personas/{shopper}");
        let answer = with_token(&shop, &path, &format!("Bearer {TOKEN}")).await;
        assert_eq!(answer.code(), "persona_invalid", "{shopper}");
    }
}
