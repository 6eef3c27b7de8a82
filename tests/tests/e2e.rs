//! End-to-end: the real binary, real data, real Chromium.
//!
//! Tests that need Chromium are *ignored* where `cargo xtask test` has not set
//! it up (`VITRINE_TOOLS`, `VITRINE_CHROMIUM`), and so are those that need the npm packages
//! (`VITRINE_PACKAGES`).

#[path = "e2e/elements.rs"]
mod elements;
#[path = "e2e/embedding.rs"]
mod embedding;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use libtest_mimic::{Arguments, Failed, Trial};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::Value;
use vitrine_domain::ShardRole;
use vitrine_tests::{
    Browser, Firefox, N_PICTURED, PictureShop, Pusher, Server, Shop, SmallShop, check_constraints,
};
use vitrine_wire::{CatalogueRows, Layer, decode_shard};

/// Scores this near count as equal when two backends are compared.
const TIE: f64 = 1e-3;
/// Random points at which import and publish are killed.
const KILLS: usize = 50;
const SEED: u64 = 7;
/// Products of the long test of pictures.
const N_MANY: usize = 3_000;
/// Steps of the monkey, unless the environment asks for more.
const MONKEY_STEPS: &str = "300";
/// Documents that a page asks for before its first tiles: itself, styles, the tiles and the
/// manifest of the web app.
const EARLY_DOCUMENTS_MAX: usize = 7;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let browser = Browser::declared().map(Arc::new);
    let browser_is_missing = browser.is_none();
    let trial = |name: &str, test: fn(&Browser) -> Result<()>| {
        let browser = browser.clone();
        let ignored = browser.is_none();
        Trial::test(name, move || {
            let browser = browser.ok_or("Chromium is not set up: run cargo xtask test")?;
            one_at_a_time(|| test(&browser))
        })
        .with_ignored_flag(ignored)
    };
    let tests = vec![
        trial("both_backends_give_one_order_and_clicks_move_it", orders),
        trial("what_is_looked_at_does_not_change_the_requests", non_interference),
        trial("the_first_tiles_are_there_before_the_program_and_lose_no_click", first_tiles),
        trial("who_arrives_by_the_address_of_a_product_tells_nothing_else", real_urls),
        trial("pictures_come_from_the_device_and_tell_nothing", pictures),
        trial("a_larger_picture_is_one_request_at_the_shoppers_word", larger_pictures),
        trial("a_search_with_a_picture_tells_nothing", by_picture)
            .with_ignored_flag(browser_is_missing || !has_picture_weights()),
        trial("a_conversation_tells_nothing", conversation),
        trial("pictures_of_3000_products_tell_nothing", many_pictures).with_ignored_flag(true),
        trial("the_search_box_completes_without_requests_and_says_what_it_read", search),
        trial("in_private_a_search_is_no_request", private),
        trial("without_a_server_the_page_still_ranks", offline),
        trial("an_open_tab_keeps_its_versions_until_a_navigation", pinned),
        trial("a_pushed_price_shows_in_an_open_page_and_the_feed_stays", revision),
        trial("the_studio_shows_what_the_shop_would", studio),
        trial("basket_results_and_reasons_are_what_a_shopper_relies_on", shopper),
        trial("the_shop_speaks_the_language_of_the_browser_and_the_one_chosen", languages),
        trial("what_a_monkey_does_breaks_nothing", monkey),
        packaged("an_embedded_shop_tells_nothing_and_asks_first", &browser, |browser, packages| {
            embedding::embedded(browser, packages, &shop()?.data_dir)
        }),
        packaged("the_elements_run_on_pages_of_another_origin", &browser, |browser, packages| {
            elements::examples(browser, packages, &shop()?.data_dir, &scratch("examples"))
        }),
        trial("the_elements_leave_the_page_in_charge", elements::alone),
        trial("an_instantsearch_front_end_draws_what_vitrine_answers", |browser| {
            elements::instantsearch(browser, &scratch("instantsearch"))
        }),
        trial("what_lies_in_the_browser_about_a_shopper_is_sealed", storage),
        trial("no_screen_breaks_a_rule_of_axe", accessibility),
        Trial::test("the_shop_works_in_firefox", || one_at_a_time(firefox))
            .with_ignored_flag(Firefox::declared().is_none()),
        Trial::test("what_must_be_absent_is_never_shown_as_if_it_were", || {
            one_at_a_time(constraints)
        }),
        Trial::test("a_kill_at_any_point_loses_nothing", || one_at_a_time(kills)),
    ];
    libtest_mimic::run(&arguments, tests).exit_code()
}

/// A test of the packages as they are published.
fn packaged(
    name: &str,
    browser: &Option<Arc<Browser>>,
    test: fn(&Browser, &Path) -> Result<()>,
) -> Trial {
    let packages = std::env::var_os("VITRINE_PACKAGES").map(PathBuf::from);
    let packages = packages.filter(|folder| folder.join("core").is_dir());
    let declared = browser.clone().zip(packages);
    let ignored = declared.is_none();
    let test = move || {
        let (browser, packages) = declared.ok_or("no packages: run cargo xtask test")?;
        one_at_a_time(|| test(&browser, &packages))
    };
    Trial::test(name, test).with_ignored_flag(ignored)
}

/// Two cores: one server and one browser at a time.
fn one_at_a_time(test: impl FnOnce() -> Result<()>) -> Result<(), Failed> {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    test().map_err(|error| Failed::from(format!("{error:#}")))
}

fn scratch(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// The prepared shop; tests that change it take a copy.
fn shop() -> Result<&'static Shop> {
    static SHOP: OnceLock<Result<Shop, String>> = OnceLock::new();
    let shop =
        SHOP.get_or_init(|| Shop::prepare(&scratch("shop")).map_err(|error| format!("{error:#}")));
    shop.as_ref().map_err(|error| anyhow::anyhow!("preparing the shop: {error}"))
}

/// 1 and 2: clicks, personas and deletion with WebGPU, and the same with WASM.
fn orders(browser: &Browser) -> Result<()> {
    let server = Server::start(&shop()?.data_dir)?;
    let gpu = browser.run("orders", &[&server.base, "gpu"])?;
    let cpu = browser.run("orders", &[&server.base, "cpu"])?;
    ensure!(gpu["popular"] == cpu["popular"], "the popularity order depends on the backend");
    for (name, gpu, cpu) in [
        ("first click", &gpu["orders"][0], &cpu["orders"][0]),
        ("second click", &gpu["orders"][1], &cpu["orders"][1]),
        ("third click", &gpu["orders"][2], &cpu["orders"][2]),
        ("other persona", &gpu["other"], &cpu["other"]),
    ] {
        same_order(gpu, cpu).with_context(|| format!("after the {name}"))?;
    }
    Ok(())
}

/// Equal but for items whose scores are within [`TIE`].
fn same_order(gpu: &Value, cpu: &Value) -> Result<()> {
    let list = |value: &Value| -> Result<Vec<(String, f64)>> {
        let tiles = value.as_array().context("no tiles")?;
        let tile = |tile: &Value| {
            let item = tile["item"].as_str().context("no item")?.to_owned();
            Ok((item, tile["score"].as_f64().context("no score")?))
        };
        tiles.iter().map(tile).collect()
    };
    let (gpu, cpu) = (list(gpu)?, list(cpu)?);
    ensure!(gpu.len() == cpu.len() && !gpu.is_empty(), "{} and {} tiles", gpu.len(), cpu.len());
    for (place, (on_gpu, on_cpu)) in gpu.iter().zip(&cpu).enumerate() {
        ensure!(
            on_gpu.0 == on_cpu.0 || (on_gpu.1 - on_cpu.1).abs() <= TIE,
            "place {place}: {on_gpu:?} on the GPU, {on_cpu:?} on the CPU"
        );
    }
    Ok(())
}

/// 3: the requests of two sessions with the same searches are identical.
fn non_interference(browser: &Browser) -> Result<()> {
    let server = Server::start(&shop()?.data_dir)?;
    let run = |behaviour| browser.run("requests", &[&server.base, behaviour]);
    let (quiet, busy, leaky) = (run("quiet")?, run("busy")?, run("leaky")?);
    ensure!(busy["n_events"] != quiet["n_events"], "the busy session did nothing");
    let (quiet, busy, leaky) = (&quiet["log"], &busy["log"], &leaky["log"]);
    ensure!(quiet.as_array().is_some_and(|log| log.len() > 5), "too few requests: {quiet}");
    let first = quiet[0].as_str().unwrap_or_default();
    ensure!(first.contains("/front.html"), "the first tiles come after {first}");
    if quiet != busy {
        let lists = [quiet, busy].map(|log| log.as_array().cloned().unwrap_or_default());
        let differ = lists[0].iter().zip(&lists[1]).find(|(a, b)| a != b);
        anyhow::bail!("{} and {} requests; {differ:?}", lists[0].len(), lists[1].len());
    }
    ensure!(quiet != leaky, "a planted leak was not seen");
    Ok(())
}

/// The server draws the most bought products as the program does; what is done with them
/// before the program runs is done.
fn first_tiles(browser: &Browser) -> Result<()> {
    let server = Server::start(&shop()?.data_dir)?;
    let seen = browser.run("front", &[&server.base])?;
    let list = |name: &str| seen[name].as_array().cloned().unwrap_or_default();
    let before = list("before");
    let is_late = |path: &Value| {
        let path = path.as_str().unwrap_or_default();
        path.starts_with("/v1/") || path.ends_with(".js") || path.ends_with(".wasm")
    };
    ensure!(before.len() <= EARLY_DOCUMENTS_MAX, "before the first tiles: {before:?}");
    ensure!(!before.iter().any(is_late), "before the first tiles: {before:?}");
    let (drawn, own) = (list("drawn"), list("own"));
    ensure!(drawn.len() == 18, "{} tiles", drawn.len());
    for tile in &drawn {
        // After three of them went into the basket the order is another.
        let same = own.iter().find(|other| other["item"] == tile["item"]);
        ensure!(same.is_none_or(|same| same == tile), "{tile} and {same:?}");
    }
    let n_compared = own.iter().filter(|tile| drawn.contains(tile)).count();
    ensure!(n_compared >= 5, "only {n_compared} tiles are in both");
    ensure!(seen["typed"] == "choc", "what was typed is lost: {}", seen["typed"]);
    ensure!(list("quantities").len() == 2, "{}", seen["quantities"]);
    ensure!(list("errors").is_empty(), "{}", seen["errors"]);
    Ok(())
}

/// A product with an address of its own can be read without the program and becomes the
/// program's page; after the arrival requests do not depend on what is done, and a second arrival
/// tells no product.
fn real_urls(browser: &Browser) -> Result<()> {
    let flags = ["--pages-origin", "https://shop.example"];
    let server = Server::start_with(&shop()?.data_dir, "127.0.0.1:0", &flags)?;
    let map = String::from_utf8(server.bytes("/sitemap.xml")?)?;
    let paths = || map.split("https://shop.example").filter_map(|rest| rest.split('<').next());
    // One that can be bought.
    let has_price = |path: &&str| {
        let page = server.bytes(path).unwrap_or_default();
        String::from_utf8_lossy(&page).contains("\"price\":")
    };
    let mut products = paths().filter(|path| path.starts_with("/p/"));
    let product = products.find(has_price).context("no product with a price")?;
    let category = paths().find(|path| path.starts_with("/c/")).context("no category")?;

    let seen = browser.run("urls", &[&server.base, product, "page", category])?;
    let says = |value: &Value, part: &str| value.to_string().contains(part);
    let first = &seen["first"];
    for part in ["Product", "BreadcrumbList", "og:title", "https://shop.example/p/"] {
        ensure!(says(first, part), "the head lacks {part}: {first}");
    }
    ensure!(seen["headings"] == serde_json::json!([seen["heading"]]), "a flash: {seen}");
    ensure!(says(&seen["told"], "links that name a product"), "{}", seen["told"]);
    ensure!(seen["errors"] == serde_json::json!([]), "{}", seen["errors"]);

    let run = |behaviour| browser.run("urls", &[&server.base, product, behaviour]);
    let (quiet, busy, leaky) = (run("quiet")?, run("busy")?, run("leaky")?);
    ensure!(busy["n_events"] != quiet["n_events"], "the busy visit did nothing");
    ensure!(quiet["log"] == busy["log"], "{} and {}", quiet["log"], busy["log"]);
    ensure!(quiet["log"] != leaky["log"], "a planted leak was not seen");
    let named = quiet["log"].as_array().context("a log")?.iter();
    let named = named.filter(|line| says(line, product)).count();
    ensure!(named == 1, "{named} requests name the product, not the arrival alone");
    Ok(())
}

/// The shop's own pictures are shown without a request for any of them, whatever is looked
/// at; what could not be read has a pictogram.
fn pictures(browser: &Browser) -> Result<()> {
    let busy = compared(browser, &PictureShop::import(&scratch("pictures"), N_PICTURED)?)?;
    let n_photos = busy["n_photos"].as_u64();
    // Four could not be read; of those, the one with a second picture shows that one.
    ensure!(n_photos == Some(N_PICTURED as u64 - 2), "{n_photos:?} tiles have a picture");
    ensure!(busy["n_neutral"].as_u64() >= Some(1), "what has no picture has a neutral one: {busy}");
    Ok(())
}

/// Pictures tell nothing in a shop of [`N_MANY`] products, whose pictures fill the budget. Some five minutes:
/// `cargo test -p vitrine-tests --test e2e -- --ignored pictures_of_3000`, with the
/// environment that `cargo xtask test` sets.
fn many_pictures(browser: &Browser) -> Result<()> {
    let busy = compared(browser, &PictureShop::import(&scratch("many-pictures"), N_MANY)?)?;
    let n_photos = busy["n_photos"].as_u64();
    ensure!(n_photos >= Some(N_PICTURED as u64 - 4), "{n_photos:?} tiles have a picture");
    Ok(())
}

/// Compares the requests of visits with different behaviour; what the busy one saw.
fn compared(browser: &Browser, shop: &PictureShop) -> Result<Value> {
    let server = Server::start(&shop.data_dir)?;
    let run = |behaviour| browser.run("pictures", &[&server.base, behaviour]);
    let (quiet, busy, leaky) = (run("quiet")?, run("busy")?, run("leaky")?);
    ensure!(busy["n_shown"].as_u64() > quiet["n_shown"].as_u64(), "no more was shown: {busy}");
    let is_whole = |log: &Value| log.as_array().is_some_and(|log| log.len() > 5);
    ensure!(is_whole(&quiet["log"]), "too few requests: {quiet}");
    ensure!(quiet["log"] == busy["log"], "{} and {}", quiet["log"], busy["log"]);
    ensure!(quiet["log"] != leaky["log"], "a planted leak was not seen");
    Ok(busy)
}

/// A larger picture is asked for when its button is pressed, is listed on the privacy page, and
/// is the one request that differs; in an open shop, which everybody is told of, it comes by itself.
fn larger_pictures(browser: &Browser) -> Result<()> {
    let shop = PictureShop::import(&scratch("larger-pictures"), N_PICTURED)?;
    let seen = |behaviour: &str| -> Result<Vec<String>> {
        let server = Server::start(&shop.data_dir)?;
        let seen = browser.run("larger", &[&server.base, behaviour])?;
        let asked = seen["asked"].as_array().context("no list of requests")?;
        Ok(asked.iter().filter_map(|path| path.as_str().map(str::to_owned)).collect())
    };
    let (looked, pressed) = (seen("look")?, seen("press")?);
    ensure!(looked.is_empty(), "without the button: {looked:?}");
    ensure!(pressed.len() == 1, "with the button: {pressed:?}");
    shop.import_again(&["--pictures-open"])?;
    let open = seen("open")?;
    ensure!(open == pressed, "in an open shop: {open:?}, with the button: {pressed:?}");
    Ok(())
}

/// Shoppers who show different pictures send the same, and find what looks like what they show.
fn by_picture(browser: &Browser) -> Result<()> {
    let folder = scratch("by-picture");
    let shop = PictureShop::import(&folder, N_PICTURED)?;
    let server = Server::start(&shop.data_dir)?;
    let folder = folder.to_string_lossy();
    let run = |behaviour| browser.run("by-picture", &[&server.base, &folder, behaviour]);
    let (one, other, leaky) = (run("one")?, run("other")?, run("leaky")?);
    ensure!(one["log"].as_array().is_some_and(|log| log.len() > 5), "too few requests: {one}");
    ensure!(one["log"] == other["log"], "{} and {}", one["log"], other["log"]);
    ensure!(one["log"] != leaky["log"], "a planted leak was not seen");
    for (seen, n) in [(&one, "0"), (&other, "21"), (&other, "40"), (&other, "8")] {
        let found = seen["found"][n].as_array().map_or(&[][..], Vec::as_slice);
        let is_it =
            |text: &Value| text.as_str().is_some_and(|text| text.contains(&format!("number {n}")));
        // One in five is found, those of nearly the same colour in any order.
        ensure!(found.len() < N_PICTURED / 4, "the picture of {n} finds nearly everything");
        ensure!(found.iter().any(is_it), "the picture of {n} finds {found:?}");
    }
    Ok(())
}

fn has_picture_weights() -> bool {
    vitrine_encoder::image::picture_weights_dir()
        .is_some_and(|dir| dir.join(vitrine_encoder::image::PICTURE_WEIGHTS).is_file())
}

/// Shoppers who say different things to the assistant send the same.
fn conversation(browser: &Browser) -> Result<()> {
    let server = Server::start(&shop()?.data_dir)?;
    let run = |behaviour| browser.run("assistant", &[&server.base, behaviour]);
    let (one, other, leaky) = (run("one")?, run("other")?, run("leaky")?);
    ensure!(one["log"].as_array().is_some_and(|log| log.len() > 5), "too few requests: {one}");
    ensure!(one["log"] == other["log"], "{} and {}", one["log"], other["log"]);
    ensure!(one["log"] != leaky["log"], "a planted leak was not seen");
    Ok(())
}

/// 8: typing sends nothing; conditions in words are shown and taken back; counts are
/// what choosing them gives.
fn search(browser: &Browser) -> Result<()> {
    let server = Server::start(&shop()?.data_dir)?;
    browser.run("search", &[&server.base]).map(drop)
}

/// In private the requests of two shoppers who search for different things are the same, and
/// what they find is found by meaning and within its conditions.
fn private(browser: &Browser) -> Result<()> {
    let server = Server::start(&shop()?.data_dir)?;
    let run = |behaviour| browser.run("private", &[&server.base, behaviour]);
    let (one, other, leaky) = (run("one")?, run("other")?, run("leaky")?);
    ensure!(one["log"].as_array().is_some_and(|log| log.len() > 5), "too few requests: {one}");
    ensure!(one["log"] == other["log"], "{} and {}", one["log"], other["log"]);
    ensure!(one["log"] != leaky["log"], "a planted leak was not seen");
    let titles = |visit: &Value, text: &str| -> Vec<String> {
        let found = visit["found"][text].as_array().cloned().unwrap_or_default();
        found.iter().filter_map(|title| Some(title.as_str()?.to_lowercase())).collect()
    };
    let juices = titles(&one, "orange juice");
    ensure!(juices.first().is_some_and(|title| title.contains("juice")), "{juices:?}");
    let drinks = titles(&other, "something cold to drink in summer");
    let is_drink = |title: &&String| {
        ["drink", "juice", "water", "tea", "lemonade", "soda", "punch"]
            .iter()
            .any(|word| title.contains(word))
    };
    ensure!(drinks.iter().take(10).filter(is_drink).count() >= 5, "{drinks:?}");
    let cookies = titles(&other, "penut free cookies");
    ensure!(!cookies.is_empty() && !cookies.iter().any(|title| title.contains("peanut butter")));
    ensure!(!titles(&other, "zzqx").is_empty(), "where nothing is found the nearest is shown");
    Ok(())
}

/// 4: no server, still a shop.
fn offline(browser: &Browser) -> Result<()> {
    let server = Server::start(&shop()?.data_dir)?;
    let mut script = browser.start("offline", &[&server.base])?;
    script.next_line()?;
    server.kill()?;
    script.go_on()?;
    let seen = script.next_line()?;
    let banner = seen["banner"].as_str().unwrap_or_default().to_lowercase();
    ensure!(banner.contains("offline"), "{seen}");
    Ok(())
}

/// 6: versions are swapped at a navigation, not under the shopper.
fn pinned(browser: &Browser) -> Result<()> {
    let shop = shop()?.copy(&scratch("pinned"))?;
    let server = Server::start(&shop.data_dir)?;
    let mut script = browser.start("pinned", &[&server.base])?;
    let open = script.next_line()?;
    let old = server.json("/readyz")?["catalogue"].clone();
    shop.import("The test supermarket, renamed")?;
    server.wait_for("/readyz", |ready| ready["catalogue"] != old)?;
    script.go_on()?;
    let navigated = script.next_line()?;
    ensure!(open["versions"] == navigated["pending"], "{open} then {navigated}");
    ensure!(navigated["versions"]["catalogue"] != open["versions"]["catalogue"], "{navigated}");
    ensure!(navigated["versions"]["model"] == open["versions"]["model"], "{navigated}");
    Ok(())
}

/// 11: a price that is pushed shows in an open page, and no place of the feed changes.
fn revision(browser: &Browser) -> Result<()> {
    let shop = shop()?.copy(&scratch("revision"))?;
    let scopes = "catalogue:write,catalogue:read";
    let key = shop.command(&["keys", "add", "till", "--scopes", scopes])?.output()?.stdout;
    let server = Server::start(&shop.data_dir)?;
    let pusher = Pusher::new(&server.base, String::from_utf8(key)?.trim());
    let mut script = browser.start("revision", &[&server.base])?;
    let open = script.next_line()?;
    let rows = rows(&server)?;
    let is_it = |card: &&vitrine_wire::Card| open["item"] == card.id.to_string();
    let card = rows.cards.iter().find(is_it).context("the first tile")?;
    let prices = &rows.price(card.id).context("a price")?.variant_prices_minor;
    let lowest = prices.iter().copied().filter(|minor| *minor > 0).min().context("a price")?;
    // A tile has the lowest price, a line that of its size: this is both.
    let minor = lowest / 2 + 1;
    let price = format!("{}.{:02} USD", minor / 100, minor % 100);
    let line = serde_json::json!({"op": "patch", "sku": card.variants[0].sku, "price": price});
    pusher.wait_until_served(pusher.push(&[line])?)?;
    script.go_on()?;
    let seen = script.next_line()?;
    let shown = format!("{}.{:02}", minor / 100, minor % 100);
    for place in ["shown", "onPage", "basket"] {
        let text = seen[place].as_str().unwrap_or_default();
        ensure!(text.contains(&shown), "{place} says {text}, not {shown}");
    }
    ensure!(seen["same"] == true, "the feed jumped");
    Ok(())
}

/// What a browser that syncs now has.
fn rows(server: &Server) -> Result<CatalogueRows> {
    let manifest = server.json("/v1/manifest")?;
    let mut layers = Vec::new();
    for shard in manifest["shards"].as_array().context("shards")? {
        let hash = shard["hash"].as_str().context("hash")?;
        let bytes = server.bytes(&format!("/v1/shards/{hash}"))?;
        let role = match shard["role"] == "base" {
            true => ShardRole::Base,
            false => ShardRole::Delta,
        };
        let cell = shard["cell"].as_u64().context("cell")? as u32;
        layers.push(Layer { role, cell, shard: decode_shard(&bytes)? });
    }
    Ok(CatalogueRows::from_shards(layers)?)
}

/// 7: the Studio opens with the token alone, a composed persona gets the very
/// feed of a browser that did the same, and this browser's shopper is left alone.
fn studio(browser: &Browser) -> Result<()> {
    const TOKEN: &str = "end-to-end-token";
    let data_dir = &shop()?.data_dir;
    let closed = Server::start(data_dir)?;
    let refused = browser.run("studio-gate", &[&closed.base, TOKEN])?;
    ensure!(refused["closed"].as_str().is_some_and(|words| words.contains("closed")), "{refused}");
    drop(closed);

    let server = Server::start_with(data_dir, "127.0.0.1:0", &["--admin-token", TOKEN])?;
    let refused = browser.run("studio-gate", &[&server.base, "some-other-token"])?;
    ensure!(refused["n_orders"] == 0 && refused["status"] == 401, "{refused}");
    let seen = browser.run("studio", &[&server.base, TOKEN])?;
    // The clock of both pages stands still, so nothing may differ.
    ensure!(seen["composed"] == seen["shop"], "{} is not {}", seen["composed"], seen["shop"]);
    let n_tiles = seen["shop"].as_array().map_or(0, Vec::len);
    ensure!(n_tiles >= 60, "{n_tiles} tiles compared");
    Ok(())
}

/// 10: reasons after a search, sizes in the basket, two tabs, pictures, reloads.
fn shopper(browser: &Browser) -> Result<()> {
    let server = Server::start(&shop()?.data_dir)?;
    let seen = browser.run("shop", &[&server.base])?;
    ensure!(seen["n_pictures"].as_u64().is_some_and(|n| n > 0), "{seen}");
    Ok(())
}

/// A page speaks Chinese to a Chinese browser, and German once that is chosen; no English text of
/// the catalogues is left on any screen.
fn languages(browser: &Browser) -> Result<()> {
    const TOKEN: &str = "end-to-end-token";
    let flags = ["--admin-token", TOKEN];
    let server = Server::start_with(&shop()?.data_dir, "127.0.0.1:0", &flags)?;
    let seen = browser.run("language", &[&server.base, TOKEN])?;
    ensure!(seen["errors"] == serde_json::json!([]), "{}", seen["errors"]);
    Ok(())
}

/// 9: random steps over every page, with a model of log and basket beside them.
fn monkey(browser: &Browser) -> Result<()> {
    const TOKEN: &str = "end-to-end-token";
    let number = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.into());
    let steps = number("VITRINE_MONKEY_STEPS", MONKEY_STEPS);
    let seed = number("VITRINE_MONKEY_SEED", &SEED.to_string());
    let data_dir = &shop()?.data_dir;
    let server = Server::start_with(data_dir, "127.0.0.1:0", &["--admin-token", TOKEN])?;
    let seen = browser.run("monkey", &[&server.base, TOKEN, &steps, &seed])?;
    eprintln!("the monkey: {seen}");
    Ok(())
}

/// 12: a dump of the storage has nothing about the shopper; nothing is lost by that.
fn storage(browser: &Browser) -> Result<()> {
    let server = Server::start(&shop()?.data_dir)?;
    let seen = browser.run("storage", &[&server.base])?;
    eprintln!("ten thousand events: {seen}");
    Ok(())
}

/// 13: two of the four looks of every screen; `node tests/browser/axe.mjs BASE TOKEN` has all.
fn accessibility(browser: &Browser) -> Result<()> {
    const TOKEN: &str = "end-to-end-token";
    let data_dir = &shop()?.data_dir;
    let server = Server::start_with(data_dir, "127.0.0.1:0", &["--admin-token", TOKEN])?;
    for [colours, width] in [["light", "390"], ["dark", "1440"]] {
        browser.run("axe", &[&server.base, TOKEN, colours, width])?;
    }
    Ok(())
}

/// 14: the main path in another browser.
fn firefox() -> Result<()> {
    let firefox = Firefox::declared().context("Firefox is not set up: run cargo xtask test")?;
    let server = Server::start(&shop()?.data_dir)?;
    let seen = firefox.run("firefox", &[&server.base])?;
    eprintln!("Firefox: {seen}");
    Ok(())
}

/// 15: the real titles of a supermarket, asked for what must be absent in fifty ways.
fn constraints() -> Result<()> {
    let server = Server::start(&shop()?.data_dir)?;
    let counts = check_constraints(&server)?;
    ensure!(counts.n_searches >= 30 && counts.n_met > 0 && counts.n_unsaid > 0, "{counts:?}");
    Ok(())
}

/// 5: kill -9 of an import, from its first to its last moment.
fn kills() -> Result<()> {
    let shop = SmallShop::create(&scratch("kills"))?;
    shop.import("Import 0")?;
    let started = Instant::now();
    shop.import("Import 0")?;
    // When the publish is expected: found out by the kills, since a busy machine changes its mind.
    let mut publish = started.elapsed();
    let mut random = StdRng::seed_from_u64(SEED);
    let mut outcomes = BTreeSet::new();
    let mut before = manifest(&shop.data_dir)?;
    for kill in 1..=KILLS {
        // Half of the kills fall about the publish, the others anywhere before it.
        let is_near = kill % 2 == 0;
        let after = publish.mul_f64(random.random_range(if is_near { 0.9..1.1 } else { 0.0..1.0 }));
        let name = format!("Import {kill}");
        let ended = shop.import_for(&name, after)?;
        let served = manifest(&shop.data_dir)?;
        let is_new = served["shop"] == name.as_str();
        ensure!(
            is_new || served == before,
            "kill {kill} after {after:?}: {before} became {served}"
        );
        ensure!(is_new || !ended, "import {kill} ended well, but {} is served", served["shop"]);
        if is_near {
            publish = publish.mul_f64(if is_new { 0.95 } else { 1.05 });
        }
        outcomes.insert(is_new);
        before = served;
    }
    ensure!(outcomes.len() == 2, "all kills fell on one side of the publish: {outcomes:?}");
    Ok(())
}

/// The manifest a fresh server serves, with every shard it names.
fn manifest(data_dir: &std::path::Path) -> Result<Value> {
    let server = Server::start(data_dir)?;
    server.wait_for("/readyz", |_| true)?;
    server.check_whole()
}
