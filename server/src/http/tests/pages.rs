//! Pages at addresses of their own: what a crawler, a shopper and a wrong link get.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::Value;
use vitrine_domain::Availability;

use super::{Answer, TestCatalogue, TestShop, shop};

const ORIGIN: &str = "https://shop.example";
const COOKIES: &str = "/p/0000000000000001-peanut-butter-cookies";

fn public() -> TestShop {
    TestShop::with_origin(ORIGIN)
}

fn titled<'a>(titles: &'a [&'a str]) -> TestCatalogue<'a> {
    TestCatalogue { titles, ..TestCatalogue::default() }
}

impl Answer {
    fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// What the page says in the vocabulary of schema.org, by type.
    fn structured(&self, kind: &str) -> Value {
        let text = self.text();
        let bodies = text.split("<script type=\"application/ld+json\" data-arrival>").skip(1);
        let bodies = bodies.map(|rest| rest.split_once("</script>").unwrap().0);
        let mut all = bodies.map(|body| serde_json::from_str::<Value>(body).unwrap());
        all.find(|data| data["@type"] == kind).unwrap_or_else(|| panic!("no {kind} in {text}"))
    }
}

#[tokio::test]
async fn a_product_has_a_page_that_says_what_it_is() {
    let page = public().get(COOKIES).await;
    assert_eq!(page.status, StatusCode::OK);
    let text = page.text();
    for part in [
        "<title>Peanut butter cookies · Test</title>",
        "<link rel=\"canonical\" data-arrival href=\"https://shop.example/p/0000000000000001-peanut-butter-cookies\">",
        "property=\"og:title\"",
        "property=\"og:type\" data-arrival content=\"product\"",
        "data-route=\"#/item/0000000000000001\"",
        "<h1 tabindex=\"-1\">Peanut butter cookies</h1>",
        "data-minor=\"100\">$1.00</span>",
        "data-currency=\"USD\" data-digits=\"2\"",
        "incl. tax",
        "Bought by 10 households",
        "In stock",
        "href=\"/c/grocery/food-drink\"",
        "href=\"/p/0000000000000002-peanut-free-cookies\"",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let product = page.structured("Product");
    assert_eq!(product["name"], "Peanut butter cookies");
    assert_eq!(product["category"], "Grocery > Food & drink");
    let offer = &product["offers"];
    assert_eq!((&offer["price"], &offer["priceCurrency"]), (&"1.00".into(), &"USD".into()));
    assert_eq!(offer["availability"], "https://schema.org/InStock");
    assert_eq!(offer["priceSpecification"]["valueAddedTaxIncluded"], true);
    let way = &page.structured("BreadcrumbList")["itemListElement"];
    assert_eq!(way.as_array().unwrap().len(), 4);
    assert_eq!(way[2]["item"], "https://shop.example/c/grocery/food-drink");
    // Data are no script: the policy is that of every page.
    let policy = page.header(header::CONTENT_SECURITY_POLICY);
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe-inline"), "{policy}");
}

#[tokio::test]
async fn a_wrong_slug_is_put_right_and_keeps_its_query() {
    let shop = public();
    for wrong in ["/p/0000000000000001", "/p/0000000000000001-old", "/p/0000000000000001-"] {
        let moved = shop.get(&format!("{wrong}?page=2&x=%3Cb%3E")).await;
        assert_eq!(moved.status, StatusCode::MOVED_PERMANENTLY, "{wrong}");
        let location = moved.header(header::LOCATION);
        assert_eq!(location, format!("{COOKIES}?page=2&x=%3Cb%3E"));
    }
    let moved = shop.get("/c/Grocery/food%20drink").await;
    assert_eq!(moved.header(header::LOCATION), "/c/grocery/food-drink");
}

#[tokio::test]
async fn an_address_is_right_however_a_proxy_writes_it() {
    let shop = public();
    shop.publish(titled(&["抹茶"]));
    let map = shop.get("/sitemap.xml").await.text();
    let (_, path) = map.split_once(&format!("{ORIGIN}/p/")).unwrap();
    let path = format!("/p/{}", path.split_once('<').unwrap().0);
    assert!(path.contains("%E6"), "{path}");
    for path in [path.clone(), path.replace("%E6", "%e6")] {
        assert_eq!(shop.get(&path).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn what_is_never_recommended_is_on_its_own_shelf_alone() {
    let shop = public();
    let never_recommended = vec!["Food & drink".to_owned()];
    shop.publish(TestCatalogue { never_recommended, ..TestCatalogue::default() });
    let link = "/p/0000000000000002-peanut-free-cookies";
    let shelf = shop.get("/c/grocery/food-drink").await;
    assert!(shelf.status == StatusCode::OK && shelf.text().contains(link), "asked for");
    let department = shop.get("/c/grocery").await;
    assert_eq!(department.status, StatusCode::OK, "it leads on to its categories");
    assert!(department.text().contains("/c/grocery/food-drink"), "{}", department.text());
    let missing = shop.get("/p/00000000000000ff").await;
    for (name, page) in [("department", department), ("missing", missing)] {
        assert!(!page.text().contains("/p/0000000000000"), "{name}: {}", page.text());
    }
}

#[tokio::test]
async fn names_from_feeds_are_text_and_their_addresses_lead_to_them() {
    let shop = public();
    let titles = [
        "Grüner \"Tee\" & <b>Söhne</b>",
        "</script><script>alert(1)</script>",
        "🍵🍵",
        "抹茶 'fein'",
    ];
    shop.publish(titled(&titles));
    let map = shop.get("/sitemap.xml").await.text();
    for title in titles {
        let id = titles.iter().position(|of| of == &title).unwrap() + 1;
        let (_, path) = map.split_once(&format!("{ORIGIN}/p/{id:016x}")).unwrap();
        let (slug, _) = path.split_once('<').unwrap();
        let page = shop.get(&format!("/p/{id:016x}{slug}")).await;
        assert_eq!(page.status, StatusCode::OK, "{title}: {slug}");
        assert_eq!(page.structured("Product")["name"], *title);
        let text = page.text();
        assert!(!text.contains("<b>") && !text.contains("alert(1)</script>"), "{text}");
    }
    assert!(map.contains("0000000000000001-gruner-tee-b-sohne-b<"), "{map}");
    assert!(map.contains("/p/0000000000000003<"), "{map}");
}

#[tokio::test]
async fn what_is_not_there_is_404_with_ways_on() {
    let shop = public();
    let gone = ["/p/00000000000000ff-gone", "/p/nonsense", "/p/%ff", "/c/nowhere", "/c/grocery/x"];
    let far = ["/c/grocery?page=9", "/c/grocery?page=0", "/c/grocery?page=x"];
    for path in gone.iter().chain(&far) {
        let page = shop.get(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        let text = page.text();
        assert!(text.contains("name=\"robots\" content=\"noindex\""), "{text}");
        assert!(text.contains("href=\"/c/grocery\"") && text.contains("href=\"/p/"), "{text}");
        assert!(!text.contains("rel=\"canonical\""), "{text}");
        assert_eq!(page.header(header::ETAG), "");
    }
}

#[tokio::test]
async fn a_category_lists_its_products_by_popularity_page_by_page() {
    let shop = public();
    let page = shop.get("/c/grocery/food-drink").await;
    let items = page.structured("ItemList")["itemListElement"].clone();
    assert_eq!(items.as_array().unwrap().len(), 8);
    assert_eq!(items[0]["url"], format!("{ORIGIN}{COOKIES}"));
    let route = "data-route=\"#/search?q=&amp;department=Grocery&amp;category=Food+%26+drink\"";
    assert!(page.text().contains(route), "{}", page.text());
    let titles: Vec<String> = (0..30).map(|n| format!("Thing {n}")).collect();
    shop.publish(titled(&titles.iter().map(String::as_str).collect::<Vec<_>>()));
    let first = shop.get("/c/grocery").await.text();
    assert!(first.contains("rel=\"next\" href=\"/c/grocery?page=2\""), "{first}");
    let second = shop.get("/c/grocery?page=2").await;
    assert_eq!(second.structured("ItemList")["itemListElement"][0]["position"], 25);
    assert!(second.text().contains("href=\"https://shop.example/c/grocery?page=2\""));
}

#[tokio::test]
async fn a_page_is_tagged_by_its_content_and_kept_by_no_browser() {
    let shop = public();
    let page = shop.get(COOKIES).await;
    let tag = page.header(header::ETAG).to_owned();
    assert!(tag.starts_with('"') && tag.len() == 34, "{tag}");
    assert_eq!(page.header(header::CACHE_CONTROL), "no-store");
    assert_eq!(page.header(header::VARY), "Accept-Encoding");
    let ask = |tag: String| {
        Request::get(COOKIES).header(header::IF_NONE_MATCH, tag).body(Body::empty()).unwrap()
    };
    let same = shop.send(ask(format!("\"other\", W/{tag}"))).await;
    assert_eq!((same.status, same.body.len()), (StatusCode::NOT_MODIFIED, 0));
    let head = shop.send(Request::head(COOKIES).body(Body::empty()).unwrap()).await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    assert_eq!(head.header(header::ETAG), tag);
    shop.publish(titled(&["Peanut butter cookies", "Something new beside it"]));
    assert_eq!(shop.send(ask(tag)).await.status, StatusCode::OK, "it has changed");
    let packed = Request::get(COOKIES).header(header::ACCEPT_ENCODING, "br");
    let packed = shop.send(packed.body(Body::empty()).unwrap()).await;
    assert_eq!(packed.header(header::CONTENT_ENCODING), "br");
    assert!(packed.header(header::ETAG).ends_with("-br\""));
}

#[tokio::test]
async fn crawlers_are_told_of_every_page() {
    let shop = public();
    let robots = shop.get("/robots.txt").await;
    assert!(robots.text().contains("Sitemap: https://shop.example/sitemap.xml"));
    assert!(!robots.text().contains("Disallow: /\n") && !robots.text().contains("/v1"));
    let map = shop.get("/sitemap.xml").await;
    assert_eq!(map.header(header::CONTENT_TYPE), "application/xml; charset=utf-8");
    let text = map.text();
    let urls: Vec<&str> =
        text.split("<loc>").skip(1).map(|rest| rest.split_once('<').unwrap().0).collect();
    assert_eq!(urls.len(), 1 + 2 + 8, "{text}");
    for url in urls.iter().skip(1) {
        let path = url.strip_prefix(ORIGIN).unwrap();
        assert_eq!(shop.get(path).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn without_the_option_there_is_nothing_at_these_addresses() {
    let shop = shop();
    for path in [COOKIES, "/c/grocery", "/sitemap.xml", "/robots.txt"] {
        let answer = shop.get(path).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::NOT_FOUND, "not_found"));
    }
    assert!(shop.get("/v1/manifest").await.json().get("has_real_urls").is_none());
    assert_eq!(public().get("/v1/manifest").await.json()["has_real_urls"], true);
}

#[tokio::test]
async fn what_is_sold_out_or_has_no_price_says_so() {
    let shop = public();
    {
        let live = shop.state.live().unwrap();
        let mut rows = live.rows.write().unwrap();
        rows.prices[0].availability = Availability::OutOfStock;
        rows.prices[1].price_minor = 0;
        rows.prices[1].variant_prices_minor = vec![0];
    }
    let sold_out = shop.get(COOKIES).await;
    assert_eq!(sold_out.status, StatusCode::OK);
    assert!(sold_out.text().contains("<strong>Sold out</strong>"), "{}", sold_out.text());
    let offer = &sold_out.structured("Product")["offers"];
    assert_eq!(offer["availability"], "https://schema.org/OutOfStock");
    let unpriced = shop.get("/p/0000000000000002-peanut-free-cookies").await;
    assert!(unpriced.text().contains("No price"), "{}", unpriced.text());
    assert!(unpriced.structured("Product").get("offers").is_none());
}
