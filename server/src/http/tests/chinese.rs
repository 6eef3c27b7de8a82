//! A shop in Chinese from its feed to the answers.

use std::path::Path;

use serde_json::json;
use vitrine_domain::Query;

use super::*;
use crate::commands::evaluate::feed::ShopFeed;
use crate::commands::quality::{self, Assessment, Files};
use crate::commands::source;
use crate::signals::Stop;

/// The shop of `tests/data`, read as an import reads it; the checks find nothing in it.
fn shop() -> TestShop {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data");
    let (shop, stop) = (super::shop(), Stop::default());
    let name = data.join("chinese_shop.toml").to_string_lossy().into_owned();
    let products = data.join("chinese_shop.csv");
    let mapping = source::mapping(&name).unwrap();
    let assessed = quality::assess(&Assessment {
        checks: &quality::checks(None).unwrap(),
        rows: &Files { products: &products, interactions: None, mapping: &mapping },
        previous: None,
        texts: None,
        now_seconds: 1_700_000_000,
        remember_lines: false,
        stop: &stop,
    });
    let assessed = assessed.unwrap();
    assert!(assessed.report.blocking(&[]).is_empty(), "{}", assessed.report.to_table());
    assert!(assessed.plan.products.is_empty(), "{}", assessed.report.to_table());
    let feed = ShopFeed::read(&shop.settings, &products, &name, None, &stop).unwrap();
    assert_eq!((feed.items.len(), feed.currency.as_str()), (50, "CNY"));
    let (items, currency) = (Some(feed.items), feed.currency.as_str());
    shop.publish(TestCatalogue { items, currency, ..TestCatalogue::default() });
    shop
}

#[tokio::test]
async fn chinese_searches_find() {
    let shop = shop();
    for (text, first) in [
        ("手机壳", "华为手机壳 Mate60 真皮"),
        ("苹果手机壳", "苹果手机壳 iPhone15 防摔 透明"),
        ("苹果智能手机", "苹果 iPhone15 智能手机 128GB 黑色"),
        ("绿茶", "特级龙井绿茶 250克 明前"),
        ("蓝牙耳机 降噪", "无线蓝牙耳机 降噪 入耳式"),
        ("咖啡机", "家用咖啡机 半自动 意式"),
        ("type-c数据线", "Type-C数据线 1米 快充"),
        ("红色连衣裙女", "红色连衣裙 女 夏季 雪纺"),
        ("连衣群", "红色连衣裙 女 夏季 雪纺"),
        ("薰衣草洗衣液🧺", "洗衣液 薰衣草香 3千克"),
        ("男士白色t恤", "男士纯棉T恤 白色 短袖"),
    ] {
        let answer = shop.search(json!({ "text": text })).await;
        let narrow: Vec<String> = answer
            .titles()
            .iter()
            .map(|title| title.chars().map(vitrine_domain::script::narrowed).collect())
            .collect();
        assert_eq!(narrow.first().map(String::as_str), Some(first), "{text}: {narrow:?}");
        assert_eq!(answer.json().get("relaxed"), None, "{text}");
    }
    let nothing = shop.search(json!({ "text": "挖掘机" })).await;
    assert_eq!(nothing.titles(), [] as [&str; 0]);
    assert_eq!(nothing.json()["relaxed"], json!([{ "constraint": "word", "typed": "挖掘机" }]));
}

#[tokio::test]
async fn chinese_conditions_are_read() {
    let shop = shop();
    for (text, typed, titles) in [
        ("饼干20元以下", "20元以下", &["全麦饼干", "花生饼干", "苏打饼干"][..]),
        ("20块以内的饼干", "20块以内的", &["全麦饼干", "花生饼干", "苏打饼干"]),
        ("茶叶 50到130元", "50到130元", &["云南普洱熟茶饼"]),
        ("苹果 手机 4000元以上", "4000元以上", &["苹果 iPhone15"]),
        ("蓝牙耳机不要索尼", "不要索尼", &["无线蓝牙耳机"]),
    ] {
        let answer = shop.search(json!({ "text": text })).await;
        assert_eq!(answer.json()["filters_read"][0]["typed"], typed, "{text}");
        let mut found: Vec<String> = answer.titles();
        found.sort();
        let mut expected: Vec<&str> = titles.to_vec();
        expected.sort();
        let fits = |(title, start): (&String, &&str)| title.starts_with(*start);
        assert_eq!(found.len(), expected.len(), "{text}: {found:?}");
        assert!(found.iter().zip(&expected).all(fits), "{text}: {found:?}");
    }
    for (text, name, first, absent) in [
        ("饼干 不要花生", "peanut", "苏打饼干 咸味 不含花生 380克", "花生饼干 300克"),
        ("不含麸质的饼干", "gluten", "无麸质饼干 米粉制 200克", "曲奇饼干 黄油味 400克"),
        ("无糖可乐", "sugar", "无糖可乐 330毫升*24 罐", ""),
        ("牛奶 乳糖不耐受", "lactose", "无乳糖牛奶 200毫升*12 盒", ""),
    ] {
        let answer = shop.search(json!({ "text": text })).await;
        let body = answer.json();
        assert_eq!(body["filters_read"][0]["filters"]["free_of"], json!([name]), "{text}");
        let titles = answer.titles();
        assert_eq!(titles[0], first, "{text}: {titles:?}");
        assert!(!titles.iter().any(|title| title == absent), "{text}: {titles:?}");
    }
}

#[tokio::test]
async fn chinese_suggestions_begin_inside_of_titles() {
    let shop = shop();
    for (typed, text) in [
        ("%E9%BE%99%E4%BA%95", "特级龙井绿茶 250克 明前"),
        ("%E6%89%8B%E6%9C%BA%E9%85%8D", "手机配件"),
        ("iphone15%E9%98%B2", "苹果手机壳 iPhone15 防摔 透明"),
    ] {
        let body = shop.get(&format!("/v1/suggest?q={typed}")).await.json();
        let texts: Vec<&str> = body["suggestions"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|suggestion| suggestion["text"].as_str())
            .collect();
        assert!(texts.contains(&text), "{text}: {texts:?}");
    }
}

#[tokio::test]
async fn the_language_is_found_or_set() {
    let titles = ["Käse mit Brot", "Häuser mit Dach", "Brot und Butter"];
    let mut shop = super::shop();
    let found = async |shop: &TestShop, text: &str| {
        shop.search(json!(Query { text: text.to_owned(), ..Query::default() })).await.titles()
    };
    shop.publish(TestCatalogue { titles: &titles, ..TestCatalogue::default() });
    assert_eq!(found(&shop, "haus ").await, ["Häuser mit Dach"]);
    shop.settings.language = Some("en".to_owned());
    shop.publish(TestCatalogue { titles: &titles, ..TestCatalogue::default() });
    assert_eq!(found(&shop, "haus ").await, [] as [&str; 0]);
}
