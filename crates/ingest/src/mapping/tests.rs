//! Good mappings, and everything that is wrong with bad ones.

use super::*;
use crate::KeyProblem;

#[test]
fn the_built_in_mappings_are_valid() {
    assert_eq!(Mapping::sequences().products.sku, "id");
    let mapping = Mapping::journey();
    assert_eq!(mapping.products.sku, "product_id");
    assert!(mapping.recommend.never.contains(&"CIGARETTES".to_owned()));
    let interactions = mapping.interactions.expect("journey has a log");
    assert_eq!(interactions.price.map(|price| price.means), Some(PriceMeans::LineTotal));
}

#[test]
fn what_is_never_recommended_is_a_list_of_names_and_may_be_left_out() {
    let text = |more: &str| {
        format!("name = \"shop\"\ncurrency = \"EUR\"\n[products]\nsku = \"id\"\n{more}")
    };
    let read = |more: &str| Mapping::from_toml(&text(more)).expect("a valid mapping").recommend;
    assert_eq!(read("").never, [""; 0]);
    assert_eq!(read("[recommend]\nnever = [\"Beer\", \"Cigars\"]").never, ["Beer", "Cigars"]);
    let wrong = problems(&text("[recommend]\nnever = \"Beer\""));
    assert_eq!((wrong[0].0, wrong[0].1.as_str()), (6, "recommend.never"));
    let names = vec!["\"x\""; 101].join(", ");
    assert_eq!(problems(&text(&format!("[recommend]\nnever = [{names}]"))).len(), 1);
}

fn problems(text: &str) -> Vec<(usize, String, KeyProblem)> {
    match Mapping::from_toml(text) {
        Err(IngestError::Mapping { problems }) => {
            problems.into_iter().map(|of| (of.line, of.key, of.problem)).collect()
        }
        other => panic!("expected problems, not {other:?}"),
    }
}

#[test]
fn all_problems_are_told_at_once() {
    let text = "\
currency = 'euro'
currency_decimals = 9
[products]
titel = 't'
price = { colum = 'p', unit = 'cents' }
brand = 3
[interactions]
shopper = 'u'
sku = 'id'
timestamp = { column = 't', format = 'iso', zone = 'Mars/Olympus' }
kind = { constant = 'purchase', column = 'k' }
[offers]
sku = 'id'
[campains]
";
    let found = problems(text);
    let places: Vec<(usize, &str)> =
        found.iter().map(|(line, key, _)| (*line, key.as_str())).collect();
    assert_eq!(
        places,
        [
            (1, "name"),
            (1, "currency"),
            (2, "currency_decimals"),
            (3, "products.sku"),
            (4, "products.titel"),
            (5, "products.price.column"),
            (5, "products.price.unit"),
            (5, "products.price.colum"),
            (6, "products.brand"),
            (10, "interactions.timestamp.format"),
            (10, "interactions.timestamp.zone"),
            (11, "interactions.kind"),
            (12, "offers.campaign"),
            (14, "campains"),
        ]
    );
    let meant = |of: &KeyProblem| match of {
        KeyProblem::Unknown { meant, .. } => meant.clone(),
        _ => None,
    };
    let meant: Vec<String> = found.iter().filter_map(|(.., of)| meant(of)).collect();
    assert_eq!(meant, ["title", "column", "campaigns"]);
    let message = Mapping::from_toml(text).expect_err("problems").to_string();
    assert_eq!(message.lines().count(), 1 + found.len(), "{message}");
    for named in ["\"euro\"", "did you mean `title`?", "Mars/Olympus", "this key is missing"] {
        assert!(message.contains(named), "{named} in {message}");
    }
}

#[test]
fn what_is_no_toml_is_told_with_its_line_and_nothing_else() {
    let found = problems("name = 'a'\ncurrency =\n[products]\nsku 'id'\n");
    let lines: Vec<usize> = found.iter().map(|(line, ..)| *line).collect();
    assert_eq!(lines, [2, 4]);
    assert!(found.iter().all(|(.., of)| matches!(of, KeyProblem::Syntax { .. })));
}

#[test]
fn the_zone_of_a_campaign_is_checked_like_that_of_the_log() {
    let text = "name='a'\ncurrency='EUR'\n[products]\nsku='id'\n[campaigns]\nid='c'\n\
        starts={column='s'}\nends={column='e',zone='Mars'}\n";
    let zone = KeyProblem::UnknownZone { zone: "Mars".to_owned() };
    assert_eq!(problems(text), [(8, "campaigns.ends.zone".to_owned(), zone)]);
}

#[test]
fn price_lists_are_read_and_everything_wrong_with_them_is_told() {
    let start = "name = 'x'\ncurrency = 'EUR'\ntax_included = true\n[products]\nsku = 'id'\n";
    let list = |key: &str, currency: &str| {
        format!(
            "[[price_lists]]\nkey = '{key}'\nname = 'A list'\ncurrency = '{currency}'\n\
             price = {{ column = 'p' }}\n"
        )
    };
    let text = format!("{start}{}{}", list("trade", "EUR"), list("yen", "JPY"));
    let mapping = Mapping::from_toml(&text).expect("a mapping");
    let decimals = mapping.price_lists.iter().map(|list| list.currency_decimals);
    assert_eq!(decimals.collect::<Vec<_>>(), [2, 0]);
    let terms = mapping.price_terms();
    assert_eq!((terms.tax_included, terms.place("yen")), (Some(true), Some(1)));

    let text = format!(
        "{start}{}[[price_lists]]\nname = ''\ncurrency = 'yen'\ntax = true\n",
        list("two words", "EUR")
    );
    let found = problems(&text);
    let keys: Vec<(usize, &str)> = found.iter().map(|(line, key, _)| (*line, &key[..])).collect();
    let expected = [
        (7, "price_lists.key"),
        (11, "price_lists.key"),
        (11, "price_lists.price"),
        (12, "price_lists.name"),
        (13, "price_lists.currency"),
        (14, "price_lists.tax"),
    ];
    assert_eq!(keys, expected);

    let twice = format!("{start}{}", list("trade", "EUR").repeat(2));
    let KeyProblem::PriceListTwice { key } = &problems(&twice)[0].2 else { panic!("twice") };
    assert_eq!(key, "trade");
    let many: String = (0..9).map(|n| list(&format!("l{n}"), "EUR")).collect();
    let many = problems(&format!("{start}{many}"));
    assert_eq!(many[0].2, KeyProblem::TooManyPriceLists { n: 9 });
    let none = problems(&format!("price_lists = 3\n{start}"));
    assert!(none[0].2.to_string().contains("[[price_lists]]"), "{none:?}");
}
