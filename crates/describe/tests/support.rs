//! What supports a claim and what does not, and ways around the check.

use vitrine_describe::{
    CHECKED_BYTES_MAX, FactSource, ListingCheck, ListingClaimKind, ListingLanguage, ListingSources,
    PictureLabel, SiblingListing, check_listing,
};

/// A bag that denies much, and of which others say more than it is.
fn check(tag: &str, text: &str) -> ListingCheck {
    let attributes = [
        ("Material", "Cotton"),
        ("Waterproof", "No"),
        ("Weight", "1.8 kg"),
        ("Care", "Not dishwasher safe. Do not tumble dry."),
        ("Free from", "Gluten, nuts"),
        ("Battery life", "up to 10 hours"),
        ("Temperature", "-18 °C"),
        ("Note", "Is it vegan?"),
        ("Sizes", "Silk cover sold separately"),
    ];
    let attributes = attributes.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let labels = [
        PictureLabel { label: "red bag", confidence: 0.9 },
        PictureLabel { label: "green bag", confidence: 0.2 },
    ];
    let oak = [("Material".to_owned(), "Oak".to_owned())];
    let sibling = SiblingListing { title: "Oak bag", attributes: &oak, ..Default::default() };
    let sources = ListingSources {
        title: "Bag for leather shoes",
        brand: "Acme",
        category: "Linen & velvet bags",
        attributes: &attributes,
        reviews: &["It is waterproof and vegan.", "Two nice pockets."],
        picture_labels: &labels,
        siblings: &[sibling],
        ..Default::default()
    };
    check_listing(text, &sources, ListingLanguage::of_tag(tag).expect("a known tag"))
}

#[test]
fn what_sources_say_in_other_words_is_supported() {
    for (tag, text) in [
        ("en", "Not waterproof."),
        ("zh", "不防水"),
        ("en", "For leather shoes."),
        ("en", "Weighs 1800 grams, about 4 lb."),
        ("en", "１８００ g"),
        ("de", "Baumwolltasche, 1,8 kg"),
        ("zh", "棉质包，1.8公斤"),
        ("en", "Gluten-free and free of nuts."),
        ("de", "Glutenfrei, ohne Nüsse"),
        ("en", "Up to 10 hours."),
        ("en", "Keeps -18 °C"),
        ("en", "Buyers say: “It is waterproof and vegan.”"),
        ("en", "The picture shows: red bag."),
    ] {
        let check = check(tag, text);
        assert!(check.is_supported(), "{text}: {:?}", check.unsupported);
    }
    let supported = check("en", "It weighs 1.8 kg.").supported;
    assert_eq!(supported[0].source, FactSource::Attribute("Weight".to_owned()));
}

#[test]
fn what_no_source_says_is_found() {
    use ListingClaimKind::{Colour, Material, Number, Property, Testimonial, Unreadable};
    for (tag, text, kind) in [
        ("en", "A waterproof bag.", Property),
        ("en", "Not only waterproof but light", Property),
        ("en", "It isn't just a bag. It's waterproof!", Property),
        ("en", "Made of leather.", Material),
        ("en", "Oak", Material),
        ("en", "Linen", Material),
        ("en", "Silk cover", Material),
        ("en", "Contains nuts", Material),
        ("en", "Vegan.", Property),
        ("en", "Dishwasher safe.", Property),
        ("en", "10 hours", Number),
        ("en", "Keeps 18 °C", Number),
        ("en", "1.8–2 kg", Number),
        ("en", "Eighteen hundred grams", Number),
        ("en", "½ kg", Number),
        ("en", "A red bag", Colour),
        ("en", "The picture shows: green bag.", Colour),
        ("en", "Two pockets", Number),
        ("en", "“It is waterproof and vegan, buy it.”", Testimonial),
        ("en", "water\u{200b}proof", Property),
        ("en", "v\u{435}gan", Unreadable),
        ("en", "W A T E R P R O O F", Unreadable),
        ("de", "wasserdicht", Property),
        ("zh", "防水", Property),
    ] {
        let check = check(tag, text);
        let has_kind = check.unsupported.iter().any(|claim| claim.kind == kind);
        assert!(has_kind, "{text}: {:?}", check.unsupported);
    }
}

#[test]
fn what_is_too_long_to_be_read_is_unsupported() {
    let text = "so ".repeat(CHECKED_BYTES_MAX / 3);
    assert!(check("en", &text).is_supported());
    let longer = format!("{text}waterproof");
    assert_eq!(check("en", &longer).unsupported[0].kind, ListingClaimKind::Unreadable);
}
