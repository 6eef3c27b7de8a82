//! The sample feeds of each kind: what they are told to be, and what each field reads as.

use std::path::{Path, PathBuf};

use vitrine_domain::{Availability, EventKind, Interaction, ItemId, Positives, ShopperId};
use vitrine_ingest::{
    FeedAgeGroup, FeedCondition, FeedGender, FeedKind, FeedMeasure, FileEncoding, Format,
    IngestError, Mapping, MappingProposal, Problem, RawProduct, Row, SaleInterval, detect,
    open_interactions, open_products, propose_mapping,
};

fn feed(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/feeds").join(name)
}

fn proposed(name: &str) -> (MappingProposal, Mapping) {
    let proposal = propose_mapping("test", &feed(name), None).expect("readable");
    let mapping = Mapping::from_toml(&proposal.toml)
        .unwrap_or_else(|error| panic!("{error}\n{}", proposal.toml));
    (proposal, mapping)
}

/// The rows of a sample by the mapping that is proposed for it.
fn rows(name: &str) -> Vec<Row<RawProduct>> {
    let (_, mapping) = proposed(name);
    let rows = open_products(&feed(name), &mapping).expect("opens");
    rows.map(|row| row.expect("no file error")).collect()
}

fn products(name: &str) -> Vec<RawProduct> {
    rows(name).into_iter().map(|row| row.record.expect("readable")).collect()
}

fn by_sku<'p>(products: &'p [RawProduct], sku: &str) -> &'p RawProduct {
    products.iter().find(|product| product.sku == sku).unwrap_or_else(|| panic!("no {sku}"))
}

fn measure(text: &str) -> Option<FeedMeasure> {
    Some(FeedMeasure::read(text).expect("a measure"))
}

#[test]
fn every_sample_is_told_for_what_it_is() {
    use FeedKind as K;
    use Format as F;
    for (name, kind, format) in [
        ("merchant-rss.xml", K::Merchant, F::MerchantXml),
        ("merchant-atom.xml", K::Merchant, F::MerchantXml),
        ("merchant.tsv", K::Merchant, F::MerchantTsv),
        ("schema-org.json", K::SchemaOrg, F::SchemaOrg),
        ("schema-org.html", K::SchemaOrg, F::SchemaOrg),
        ("shopify.csv", K::Shopify, F::Shopify),
        ("woocommerce.csv", K::WooCommerce, F::Woocommerce),
        ("algolia.json", K::Algolia, F::Json),
        ("meilisearch.jsonl", K::Documents, F::Jsonl),
        ("ga4.jsonl", K::Ga4, F::Ga4),
        ("windows-1252.csv", K::Table, F::Csv),
        ("bom.csv", K::Table, F::Csv),
    ] {
        let file = detect(&feed(name)).expect("readable");
        assert_eq!((file.kind, file.format), (kind, format), "{name}");
    }
    assert_eq!(
        detect(&feed("windows-1252.csv")).expect("readable").encoding,
        FileEncoding::Windows1252
    );
}

#[test]
fn merchant_rss_is_read_field_by_field() {
    let rows = rows("merchant-rss.xml");
    assert_eq!(rows.len(), 8);
    let tea = rows[0].record.as_ref().expect("readable");
    let expected = RawProduct {
        sku: "T-100".into(),
        title: "Darjeeling First Flush".into(),
        description: "Light & flowery. From the first picking.".into(),
        department: "Tea".into(),
        category: "Darjeeling".into(),
        brand: "Teehaus".into(),
        price_minor: Some(1_490),
        sale_price_minor: Some(1_290),
        sale_interval: Some(SaleInterval {
            starts_seconds: Some(1_795_734_000),
            ends_seconds: Some(1_796_079_540),
        }),
        unit_pricing_measure: measure("250 g"),
        unit_pricing_base_measure: measure("100 g"),
        gtin: "4006381333931".into(),
        link: "https://teehaus.example/t-100?a=1&b=2".into(),
        image_link: "https://teehaus.example/img/t-100.jpg".into(),
        additional_image_links: vec![
            "https://teehaus.example/img/t-100-b.jpg".into(),
            "https://teehaus.example/img/t-100-c.jpg".into(),
        ],
        condition: Some(FeedCondition::New),
        ..RawProduct::default()
    };
    assert_eq!(tea, &expected);
    let pot = rows[1].record.as_ref().expect("readable");
    assert_eq!((pot.title.as_str(), pot.item_group_id.as_str()), ("Tea pot “Föhr”", "P-1"));
    assert_eq!(
        (pot.color.as_str(), pot.material.as_str(), pot.pattern.as_str()),
        ("Blue", "Stoneware", "Plain")
    );
    assert_eq!((pot.age_group, pot.gender), (Some(FeedAgeGroup::Adult), Some(FeedGender::Unisex)));
    assert_eq!(pot.attributes, "Blue · Stoneware · Plain");
    let red = rows[2].record.as_ref().expect("readable");
    assert_eq!((red.availability, red.item_group_id.as_str()), (Availability::OutOfStock, "P-1"));
    let assam = rows[3].record.as_ref().expect("readable");
    assert_eq!(
        (assam.title.as_str(), assam.department.as_str(), assam.category.as_str()),
        ("Assam Gold", "Tea", "")
    );
    let problem = |idx: usize| rows[idx].record.clone().expect_err("refused").problem;
    assert_eq!(problem(4), Problem::NotAPrice);
    let (found, expected) = ("USD".to_owned(), "EUR".to_owned());
    assert_eq!(problem(5), Problem::OtherCurrency { found, expected });
    let rooibos = rows[6].record.as_ref().expect("readable");
    assert_eq!((rooibos.price_minor, rooibos.unit_pricing_measure), (Some(550), None));
    assert_eq!(rooibos.problems[0].problem, Problem::NotAMeasure);
    assert_eq!(rows[7].record.as_ref().map(|mint| mint.price_minor), Ok(None));
    assert!(rows.windows(2).all(|pair| pair[0].line < pair[1].line));
}

#[test]
fn atom_is_read_in_the_encoding_that_it_declares() {
    let products = products("merchant-atom.xml");
    assert_eq!(products.len(), 2);
    assert_eq!(products[0].brand, "Café Nord");
    assert_eq!(products[0].link, "https://teehaus.example/t-200?x=1&y=2");
    assert_eq!((products[1].title.as_str(), products[1].price_minor), ("Hojicha", Some(850)));
}

#[test]
fn merchant_text_may_have_blanks_in_its_names() {
    let products = products("merchant.tsv");
    let images = ["https://teehaus.example/2.jpg", "https://teehaus.example/3,b.jpg"];
    assert_eq!(products[0].additional_image_links, images);
    assert_eq!((products[0].price_minor, products[0].sale_price_minor), (Some(1_490), Some(1_290)));
    let pot = &products[1];
    assert_eq!((pot.item_group_id.as_str(), pot.color.as_str()), ("P-1", "Blue"));
    assert_eq!(pot.availability, Availability::OutOfStock);
}

#[test]
fn schema_org_offers_ratings_and_groups_are_read() {
    let products = products("schema-org.json");
    let skus: Vec<&str> = products.iter().map(|product| product.sku.as_str()).collect();
    assert_eq!(skus, ["S-1", "S-2", "S-3", "S-4", "G-1-R", "G-1-B", "S-5"]);
    let lamp = &products[0];
    assert_eq!((lamp.title.as_str(), lamp.description.as_str()), ("Lamp & shade", "Bright"));
    assert_eq!(
        (lamp.brand.as_str(), lamp.department.as_str(), lamp.category.as_str()),
        ("Licht", "Home", "Lamps")
    );
    assert_eq!(lamp.image_link, "https://x.example/1.jpg");
    assert_eq!(lamp.additional_image_links, ["https://x.example/2.jpg"]);
    assert_eq!((lamp.price_minor, lamp.stock, lamp.rating_count), (Some(4_990), Some(5), Some(12)));
    // 8.2 of 0 to 10 is 4.28 of 1 to 5.
    assert!(lamp.rating.is_some_and(|rating| (rating - 4.28).abs() < 1e-9), "{:?}", lamp.rating);
    assert_eq!(lamp.published_at_seconds, Some(1_740_787_200));
    assert_eq!((lamp.gtin.as_str(), lamp.condition), ("4006381333931", Some(FeedCondition::New)));
    assert_eq!(products[1].price_minor, Some(8_900), "the lowest of an AggregateOffer");
    assert_eq!(products[2].price_minor, Some(26_050), "the cheapest that can be bought");
    let rug = &products[3];
    assert_eq!((rug.price_minor, rug.sale_price_minor), (Some(8_000), Some(6_000)));
    let ends = SaleInterval { starts_seconds: None, ends_seconds: Some(1_798_156_800) };
    assert_eq!(rug.sale_interval, Some(ends), "the last day is part of it");
    let sofa = &products[4];
    assert_eq!(
        (sofa.title.as_str(), sofa.brand.as_str(), sofa.item_group_id.as_str()),
        ("Sofa", "Weich", "G-1")
    );
    assert_eq!((sofa.color.as_str(), sofa.price_minor), ("Red", Some(90_000)));
    assert_eq!(products[5].title, "Sofa, blue");
    assert_eq!(products[6].title, "Shelf");
}

#[test]
fn a_page_has_its_products_in_scripts() {
    let rows = rows("schema-org.html");
    assert_eq!(rows.len(), 1);
    let kettle = rows[0].record.as_ref().expect("readable");
    assert_eq!(
        (rows[0].line, kettle.title.as_str(), kettle.price_minor),
        (3, "Kettle", Some(2_900))
    );
}

#[test]
fn shopify_variants_take_the_texts_of_their_product() {
    let products = products("shopify.csv");
    assert_eq!(products.len(), 11);
    let small = by_sku(&products, "LS-S-W");
    assert_eq!(small.title, "Linen shirt");
    assert_eq!(small.description, "Breathes. Washed Soft");
    assert_eq!(
        (small.brand.as_str(), small.department.as_str(), small.category.as_str()),
        ("Weberei", "Apparel & Accessories", "Shirts")
    );
    assert_eq!((small.price_minor, small.sale_price_minor), (Some(6_900), Some(4_900)));
    assert_eq!((small.size.as_str(), small.color.as_str(), small.stock), ("S", "White", Some(4)));
    assert_eq!((small.gtin.as_str(), small.condition), ("4006381333931", Some(FeedCondition::New)));
    assert_eq!(small.image_link, "https://cdn.example/ls-1.jpg");
    assert_eq!(
        small.additional_image_links,
        ["https://cdn.example/ls-2.jpg", "https://cdn.example/ls-3.jpg"]
    );
    assert_eq!(small.item_group_id, "linen-shirt");
    let medium = by_sku(&products, "LS-M-W");
    assert_eq!(
        (medium.title.as_str(), medium.size.as_str(), medium.availability),
        ("Linen shirt", "M", Availability::OutOfStock)
    );
    let blue = by_sku(&products, "linen-shirt/M/Blue");
    assert_eq!((blue.availability, blue.stock), (Availability::InStock, Some(0)));
    assert_eq!((blue.price_minor, blue.sale_price_minor), (Some(6_900), None));
    assert_eq!(blue.image_link, "https://cdn.example/ls-blue.jpg");
    assert_eq!(blue.additional_image_links.len(), 3);
    let soap = by_sku(&products, "SOAP-1");
    assert_eq!((soap.item_group_id.as_str(), soap.size.as_str()), ("", ""));
    assert_eq!(
        (soap.unit_pricing_measure, soap.unit_pricing_base_measure),
        (measure("150 g"), measure("100 g"))
    );
    let (_, mapping) = proposed("shopify.csv");
    let hat = by_sku(&products, "HAT-1");
    assert!(hat.is_unlisted && mapping.excludes(hat) && !mapping.excludes(soap));
}

#[test]
fn woocommerce_variations_find_their_product_wherever_it_stands() {
    let products = products("woocommerce.csv");
    let skus: Vec<&str> = products.iter().map(|product| product.sku.as_str()).collect();
    let caps = ["CAP-60", "CAP-61", "CAP-62", "CAP-63", "CAP-64"];
    assert_eq!(skus, [&["HOOD-R", "id:46", "GIFT", "OLD", "LOST"][..], &caps].concat());
    let red = &products[0];
    assert_eq!((red.title.as_str(), red.description.as_str()), ("Hoodie - Red", "Warm. Cotton."));
    assert_eq!(
        (red.department.as_str(), red.category.as_str(), red.brand.as_str()),
        ("Clothing", "Hoodies", "Nordkap")
    );
    assert_eq!(
        (red.item_group_id.as_str(), red.color.as_str(), red.material.as_str()),
        ("HOOD", "Red", "Cotton")
    );
    assert_eq!((red.image_link.as_str(), red.stock), ("https://wc.example/h1.jpg", Some(3)));
    assert_eq!(red.additional_image_links, ["https://wc.example/h2.jpg"]);
    let green = &products[1];
    assert_eq!((green.price_minor, green.sale_price_minor), (Some(4_500), Some(3_500)));
    let november =
        SaleInterval { starts_seconds: Some(1_795_737_600), ends_seconds: Some(1_796_083_200) };
    assert_eq!(green.sale_interval, Some(november));
    assert_eq!(
        (green.item_group_id.as_str(), green.availability),
        ("HOOD", Availability::OutOfStock)
    );
    let gift = &products[2];
    assert_eq!(
        (gift.description.as_str(), gift.department.as_str(), gift.category.as_str()),
        ("For friends", "Music, books", "Cards")
    );
    assert!(products[3].is_unlisted && !gift.is_unlisted);
    assert_eq!(products[4].title, "Lost - S", "without its product it has what it has");
    assert_eq!(products[5].price_minor, Some(1_500));
}

#[test]
fn indexes_are_read_by_the_columns_that_are_proposed() {
    let cameras = products("algolia.json");
    let camera = by_sku(&cameras, "103");
    assert_eq!(
        (camera.title.as_str(), camera.brand.as_str(), camera.price_minor),
        ("Camera 3", "Canova", Some(20_250))
    );
    assert_eq!((camera.department.as_str(), camera.category.as_str()), ("Electronics", "Cameras"));
    assert_eq!(
        (camera.image_link.as_str(), camera.link.as_str()),
        ("https://a.example/3.jpg", "https://a.example/p/3")
    );
    assert_eq!(camera.rating, Some(3.0));

    let (proposal, mapping) = proposed("meilisearch.jsonl");
    assert_eq!(mapping.currency, "EUR", "{}", proposal.toml);
    let novels = products("meilisearch.jsonl");
    let novel = &novels[1];
    assert_eq!(
        (novel.sku.as_str(), novel.title.as_str(), novel.description.as_str()),
        ("2", "Novel 1", "A story")
    );
    assert_eq!((novel.category.as_str(), novel.brand.as_str()), ("Fiction, Crime", "A. Writer"));
    assert_eq!(novel.published_at_seconds, Some(1_262_390_400));
}

#[test]
fn a_list_within_an_object_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("answer.json");
    let text = "{\"took\": 3,\n \"hits\": [\n{\"objectID\": \"a\", \"name\": \"Tea\"},\n{\"objectID\": \"b\", \"name\": \"Pot\"}]}";
    std::fs::write(&path, text).expect("written");
    let proposal = propose_mapping("test", &path, None).expect("readable");
    assert!(proposal.toml.contains("records = \"hits\""), "{}", proposal.toml);
    let mapping = Mapping::from_toml(&proposal.toml).expect("a mapping");
    let rows = open_products(&path, &mapping).expect("opens");
    let titles: Vec<String> =
        rows.map(|row| row.expect("whole").record.expect("readable").title).collect();
    assert_eq!(titles, ["Tea", "Pot"]);
}

#[test]
fn pictures_in_a_folder_and_categories_with_all_levels_are_proposed() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("fruit.csv");
    let text = "id,title,product_type,image_link,additional_image_link\n\
                1,Gala,Fruit > Apple,img/gala.jpg,img/gala-2.jpg\n\
                2,Kiwi,Fruit > Kiwi,img/kiwi.PNG,\n";
    std::fs::write(&path, text).expect("written");
    let proposal = propose_mapping("fruit", &path, None).expect("readable");
    let mut toml = proposal.toml.clone();
    toml = toml.replace("currency = \"\"", "currency = \"EUR\"");
    let mapping = Mapping::from_toml(&toml).unwrap_or_else(|error| panic!("{toml}: {error}"));
    let rows = open_products(&path, &mapping).expect("readable");
    let rows: Vec<RawProduct> =
        rows.map(|row| row.expect("readable").record.expect("good")).collect();
    assert_eq!(rows[0].image_link, "img/gala.jpg");
    assert_eq!(rows[0].additional_image_links, ["img/gala-2.jpg"]);
    assert_eq!((rows[1].department.as_str(), rows[1].category.as_str()), ("Fruit", "Kiwi"));
}

#[test]
fn a_spreadsheet_in_windows_1252_with_semicolons_and_decimal_commas_is_read() {
    let (proposal, _) = proposed("windows-1252.csv");
    assert!(proposal.toml.contains("decimal_comma = true"), "{}", proposal.toml);
    let products = products("windows-1252.csv");
    let knife = &products[0];
    assert_eq!(
        (knife.sku.as_str(), knife.title.as_str(), knife.price_minor),
        ("A-1", "Käsemesser", Some(101_250))
    );
    assert_eq!(
        (knife.department.as_str(), knife.category.as_str(), knife.brand.as_str()),
        ("Küche", "Messer", "Söhne")
    );
    assert_eq!(knife.gtin, "4006381333931");
    let tea = &self::products("bom.csv")[0];
    assert_eq!((tea.sku.as_str(), tea.title.as_str(), tea.price_minor), ("1", "Tea", Some(150)));
}

#[test]
fn ga4_events_are_exploded_and_others_passed_over() {
    let toml = "name='x'\ncurrency='EUR'\n[products]\nsku='id'\n[interactions]\nformat='ga4'\n";
    let mapping = Mapping::from_toml(toml).expect("a mapping");
    let mut lines = open_interactions(&feed("ga4.jsonl"), &mapping).expect("opens");
    let read: Vec<_> =
        lines.by_ref().map(|row| row.expect("whole").record.expect("readable")).collect();
    let told: Vec<_> = read
        .iter()
        .map(|line| {
            (
                line.shopper.as_str(),
                line.sku.as_str(),
                line.kind,
                line.quantity,
                line.basket.as_str(),
            )
        })
        .collect();
    use EventKind::{AddToCart, Purchase, ViewItem};
    assert_eq!(
        told,
        [
            ("u1.1", "T-100", ViewItem, 1, ""),
            ("u1.1", "T-100", AddToCart, 2, ""),
            ("u1.1", "T-100", Purchase, 2, "O-1"),
            ("u1.1", "T-101", Purchase, 1, "O-1"),
            ("42", "T-101", ViewItem, 1, ""),
            ("u2.1", "T-101", Purchase, 1, ""),
        ]
    );
    assert_eq!((read[0].at_seconds, read[0].price_minor), (1_793_500_001, Some(1_490)));
    assert_eq!(lines.n_skipped(), 2, "the items of a list");
}

#[test]
fn articles_with_clicks_alone_are_a_catalogue_without_prices() {
    let log = feed("clicks.csv");
    let proposal = propose_mapping("news", &feed("articles.jsonl"), Some(&log)).expect("readable");
    let mapping = Mapping::from_toml(&proposal.toml)
        .unwrap_or_else(|error| panic!("{error}\n{}", proposal.toml));
    assert_eq!((mapping.currency.as_str(), &mapping.products.price), ("XXX", &None));
    let articles: Vec<RawProduct> = open_products(&feed("articles.jsonl"), &mapping)
        .expect("opens")
        .map(|row| row.expect("whole").record.expect("readable"))
        .collect();
    assert_eq!(
        (articles[2].title.as_str(), articles[2].department.as_str()),
        ("Story 2", "Politics")
    );
    assert!(articles.iter().all(|article| article.price_minor.is_none()));
    let lines = open_interactions(&log, &mapping).expect("opens");
    let lines: Vec<_> = lines.map(|row| row.expect("whole").record.expect("readable")).collect();
    // What only was shared is no click.
    assert_eq!(lines.len(), 8);
    assert!(
        lines.iter().all(|line| line.kind == EventKind::ViewItem && line.price_minor.is_none())
    );

    // Without a purchase in the log, clicks are what counts.
    let log: Vec<Interaction> = lines
        .iter()
        .map(|line| Interaction {
            shopper: ShopperId(line.shopper[1..].parse().expect("a number")),
            item: ItemId(0),
            kind: line.kind,
            at_seconds: line.at_seconds,
            basket: 0,
            quantity: 1,
            price_minor: 0,
        })
        .collect();
    assert_eq!(Positives::of(&log), Positives::Clicks);
}

fn read_all(name: &str, products: &str) -> (Vec<Row<RawProduct>>, Option<IngestError>) {
    let toml = format!("name='x'\ncurrency='EUR'\n[products]\n{products}\n");
    let mapping = Mapping::from_toml(&toml).expect("a mapping");
    let mut rows = Vec::new();
    for row in open_products(&feed(name), &mapping).expect("opens") {
        match row {
            Ok(row) => rows.push(row),
            Err(error) => return (rows, Some(error)),
        }
    }
    (rows, None)
}

#[test]
fn what_is_broken_is_told_after_what_could_be_read() {
    let (rows, error) = read_all("truncated.xml", "format='merchant-xml'");
    assert_eq!(rows.len(), 2);
    assert!(
        matches!(error, Some(IngestError::Truncated { .. } | IngestError::Xml { .. })),
        "{error:?}"
    );

    let (rows, error) = read_all("truncated.json", "sku='objectID'");
    let n_good = rows.iter().filter(|row| row.record.is_ok()).count();
    assert_eq!(n_good + 1, rows.len(), "the last is cut");
    assert!(n_good > 0 && matches!(error, Some(IngestError::Truncated { .. })), "{error:?}");

    let (rows, error) = read_all("deep.json", "sku='id'");
    assert!(error.is_none());
    assert_eq!(rows[0].record.as_ref().map_err(|error| &error.problem), Err(&Problem::TooDeep));
    assert_eq!(rows[1].record.as_ref().map(|mint| mint.sku.as_str()), Ok("2"));
}

#[test]
fn entities_of_a_document_type_are_not_expanded() {
    let (rows, error) = read_all("billion-laughs.xml", "format='merchant-xml'");
    assert!(error.is_none(), "{error:?}");
    let refused = rows[0].record.as_ref().expect_err("an entity");
    assert_eq!((refused.problem.clone(), refused.text.as_str()), (Problem::Entity, "&lol9;"));
    assert_eq!(rows[1].record.as_ref().map(|tea| tea.title.as_str()), Ok("Tea"));
}

#[test]
fn a_feed_that_is_compressed_with_gzip_is_read_as_what_it_stands_for() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["merchant-rss.xml", "shopify.csv", "meilisearch.jsonl"] {
        let path = folder.path().join(format!("{name}.gz"));
        let file = std::fs::File::create(&path).expect("writable");
        let mut encoder = flate2::write::GzEncoder::new(file, flate2::Compression::default());
        let bytes = std::fs::read(feed(name)).expect("a sample");
        std::io::Write::write_all(&mut encoder, &bytes).expect("written");
        encoder.finish().expect("written");
        assert_eq!(detect(&path).expect("readable"), detect(&feed(name)).expect("readable"));
        let (_, mapping) = proposed(name);
        let read = open_products(&path, &mapping).expect("opens");
        let read: Vec<Row<RawProduct>> = read.map(|row| row.expect("whole")).collect();
        assert_eq!(read, rows(name), "{name}");
    }
    let plain = Mapping::from_toml("name='x'\ncurrency='EUR'\n[products]\nsku='id'\n");
    let path = folder.path().join("meilisearch.jsonl.gz");
    let n =
        open_products(&path, &plain.expect("a mapping")).expect("named by its inner end").count();
    assert_eq!(n, 8);
}
