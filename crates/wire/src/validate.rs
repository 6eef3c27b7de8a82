//! What must hold of a shard, both before it is encoded and after it is decoded.

use vitrine_domain::limits::{BUYERS_MIN, ITEMS_MAX, RELATED_MAX, TEXT_CHARS_MAX};
use vitrine_domain::price_list::PRICE_LISTS_MAX;
use vitrine_domain::{ItemId, PICTURE_CODE_DIM, ShardKind, TEXT_CODE_DIM};

use crate::error::Place;
use crate::picture_codes::{NETWORK_BYTES_MAX, PROJECTION_BYTES_MAX};
use crate::query_table::{
    LANGUAGE_BYTES_MAX, SIGNALS_MAX, SYNONYM_PHRASES_MAX, SYNONYMS_MAX, TABLE_WORDS_MAX,
};
use crate::reviews::{ASPECT_CHARS_MAX, ASPECTS_MAX, QUOTE_CHARS_MAX, QUOTES_MAX, ReviewShard};
use crate::shard::{
    CHARACTERISTICS_MAX, CODE_DIM, NO_PICTURE, OFFER_LABEL_CHARS_MAX, OfferAmount, PHOTO_BYTES_MAX,
    PHOTOS_MAX, PICTURE_BYTES_MAX, PLACEHOLDER_BYTES_MAX, STUDENT_BYTES_MAX, THUMBNAIL_BYTES_MAX,
    UNIT_CHARS_MAX, VARIANTS_MAX,
};
use crate::{
    CardListPrices, CardShard, CodeShard, DetailShard, OfferShard, PhotoShard, PictureCodeShard,
    PictureNetworkShard, PictureShard, PriceListShard, PriceRow, PriceShard, QueryTableShard,
    RelatedShard, Shard, StudentShard, TextCodeShard, WireError, svg,
};

/// Checks all that can be checked of one shard alone.
pub(crate) fn validate_shard(shard: &Shard) -> Result<(), WireError> {
    match shard {
        Shard::Cards(shard) => cards(shard),
        Shard::Prices(shard) => prices(shard),
        Shard::Codes(shard) => codes(shard),
        Shard::Related(shard) => related(ShardKind::Related, shard),
        Shard::Pictures(shard) => pictures(shard),
        Shard::Student(shard) => student(shard),
        Shard::Alternatives(shard) => related(ShardKind::Alternatives, shard),
        Shard::Offers(shard) => offers(shard),
        Shard::Neighbours(shard) => related(ShardKind::Neighbours, shard),
        Shard::Details(shard) => details(shard),
        Shard::Thumbnails(shard) => photos(ShardKind::Thumbnails, shard, THUMBNAIL_BYTES_MAX),
        Shard::Photos(shard) => photos(ShardKind::Photos, shard, PHOTO_BYTES_MAX),
        Shard::PriceLists(shard) => price_lists(shard),
        Shard::TextCodes(shard) => text_codes(shard),
        Shard::QueryTable(table) => query_table(table),
        Shard::Reviews(shard) => reviews(shard),
        Shard::PictureCodes(shard) => picture_codes(shard),
        Shard::PictureNetwork(shard) => picture_network(shard),
        // Which names are never recommended is in the manifest.
        Shard::Rules(rules) => Ok(rules.validate(&[])?),
    }
}

/// Whether a text is within [`TEXT_CHARS_MAX`].
pub(crate) fn is_bounded(text: &str) -> bool {
    text.len() <= TEXT_CHARS_MAX || text.chars().count() <= TEXT_CHARS_MAX
}

/// Builds the places of one kind's errors.
#[derive(Clone, Copy)]
struct Of(ShardKind);

impl Of {
    fn at(self, field: &'static str, idx: usize) -> Place {
        Place { kind: self.0, field, idx }
    }

    fn ascending<T: Ord + Copy>(
        self,
        field: &'static str,
        ids: impl Iterator<Item = T>,
    ) -> Result<(), WireError> {
        let mut before = None;
        for (idx, id) in ids.enumerate() {
            if before.is_some_and(|before| before >= id) {
                return Err(WireError::Order(self.at(field, idx)));
            }
            before = Some(id);
        }
        Ok(())
    }

    /// Rows and removed ids: bounded, each ascending, without a common id.
    fn ids(
        self,
        ids: impl ExactSizeIterator<Item = ItemId> + Clone,
        removed: &[ItemId],
    ) -> Result<(), WireError> {
        self.at_most("rows", 0, ids.len(), ITEMS_MAX)?;
        self.at_most("removed", 0, removed.len(), ITEMS_MAX)?;
        self.ascending("rows", ids.clone())?;
        self.ascending("removed", removed.iter().copied())?;
        let mut gone = removed.iter().copied().peekable();
        for (idx, id) in ids.enumerate() {
            while gone.next_if(|gone| *gone < id).is_some() {}
            if gone.peek() == Some(&id) {
                return Err(WireError::RemovedRow(self.at("rows", idx)));
            }
        }
        Ok(())
    }

    fn at_most(
        self,
        field: &'static str,
        idx: usize,
        n: usize,
        n_max: usize,
    ) -> Result<(), WireError> {
        if n > n_max {
            return Err(WireError::TooMany { place: self.at(field, idx), n_max });
        }
        Ok(())
    }

    fn length(
        self,
        field: &'static str,
        idx: usize,
        found: usize,
        expected: usize,
    ) -> Result<(), WireError> {
        if found != expected {
            return Err(WireError::Length { place: self.at(field, idx), expected, found });
        }
        Ok(())
    }

    fn finite(self, field: &'static str, values: &[f32]) -> Result<(), WireError> {
        match values.iter().position(|value| !value.is_finite()) {
            Some(idx) => Err(WireError::NotFinite(self.at(field, idx))),
            None => Ok(()),
        }
    }

    fn text(self, field: &'static str, idx: usize, text: &str) -> Result<(), WireError> {
        if is_bounded(text) { Ok(()) } else { Err(WireError::TextTooLong(self.at(field, idx))) }
    }

    fn index(
        self,
        field: &'static str,
        idx: usize,
        index: u16,
        len: usize,
    ) -> Result<(), WireError> {
        let index = usize::from(index);
        if index >= len {
            return Err(WireError::Index { place: self.at(field, idx), index, len });
        }
        Ok(())
    }

    fn holds(self, field: &'static str, idx: usize, is_valid: bool) -> Result<(), WireError> {
        if is_valid { Ok(()) } else { Err(WireError::Value(self.at(field, idx))) }
    }

    fn buyers(self, field: &'static str, idx: usize, n_buyers: u32) -> Result<(), WireError> {
        if n_buyers != 0 && n_buyers < BUYERS_MIN {
            return Err(WireError::Buyers { place: self.at(field, idx), n_buyers });
        }
        Ok(())
    }
}

fn cards(shard: &CardShard) -> Result<(), WireError> {
    let of = Of(ShardKind::Cards);
    of.ids(shard.rows.iter().map(|row| row.id), &shard.removed)?;
    let tables = [
        ("departments", &shard.departments),
        ("categories", &shard.categories),
        ("brands", &shard.brands),
    ];
    for (field, names) in tables {
        of.at_most(field, 0, names.len(), usize::from(u16::MAX) + 1)?;
        of.ascending(field, names.iter())?;
        for (idx, name) in names.iter().enumerate() {
            of.text(field, idx, name)?;
        }
    }
    for (idx, row) in shard.rows.iter().enumerate() {
        of.text("title", idx, &row.title)?;
        of.index("department", idx, row.department, shard.departments.len())?;
        of.index("category", idx, row.category, shard.categories.len())?;
        of.index("brand", idx, row.brand, shard.brands.len())?;
        of.at_most("variants", idx, row.variants.len(), VARIANTS_MAX)?;
        if (row.n_variants as usize) < row.variants.len() {
            of.length("n_variants", idx, row.n_variants as usize, row.variants.len())?;
        }
        of.at_most("photos", idx, row.photos.len(), PHOTOS_MAX)?;
        of.at_most("placeholder", idx, row.placeholder.len(), PLACEHOLDER_BYTES_MAX)?;
        for variant in &row.variants {
            of.text("sku", idx, &variant.sku)?;
            of.text("size", idx, &variant.size)?;
            of.text("manufacturer", idx, &variant.manufacturer)?;
        }
    }
    Ok(())
}

fn prices(shard: &PriceShard) -> Result<(), WireError> {
    let of = Of(ShardKind::Prices);
    of.ids(shard.rows.iter().map(|row| row.id), &shard.removed)?;
    for (idx, row) in shard.rows.iter().enumerate() {
        of.at_most("variant_prices_minor", idx, row.variant_prices_minor.len(), VARIANTS_MAX)?;
        of.buyers("n_buyers", idx, row.n_buyers)?;
        of.buyers("n_buyers_recent", idx, row.n_buyers_recent)?;
        if row.n_buyers_recent > row.n_buyers {
            let place = of.at("n_buyers_recent", idx);
            return Err(WireError::Buyers { place, n_buyers: row.n_buyers_recent });
        }
        let is_rated = |rating: vitrine_domain::Rating| {
            (100..=500).contains(&rating.hundredths) && rating.n > 0
        };
        of.holds("rating", idx, row.rating.is_none_or(is_rated))?;
        facts(of, idx, row)?;
    }
    Ok(())
}

/// What is known of variants: in their order, of those that have a price row.
fn facts(of: Of, idx: usize, row: &PriceRow) -> Result<(), WireError> {
    of.at_most("facts", idx, row.facts.len(), VARIANTS_MAX)?;
    let is_ascending = row.facts.is_sorted_by(|a, b| a.variant < b.variant);
    of.holds("facts", idx, is_ascending)?;
    for facts in &row.facts {
        let len = row.variant_prices_minor.len();
        of.index("facts", idx, u16::from(facts.variant), len)?;
        of.holds("facts", idx, facts.sale.is_none_or(|sale| sale.price_minor > 0))?;
        if let Some(unit) = &facts.unit {
            let n_chars = unit.per.chars().count();
            of.at_most("unit", idx, n_chars, UNIT_CHARS_MAX)?;
            of.holds("unit", idx, n_chars > 0 && unit.share_millionths > 0)?;
        }
    }
    Ok(())
}

fn price_lists(shard: &PriceListShard) -> Result<(), WireError> {
    let of = Of(ShardKind::PriceLists);
    of.ids(shard.rows.iter().map(|row| row.id), &shard.removed)?;
    for (idx, row) in shard.rows.iter().enumerate() {
        of.at_most("lists", idx, row.lists.len(), PRICE_LISTS_MAX)?;
        let is_ascending = row.lists.is_sorted_by(|a, b| a.list < b.list);
        of.holds("lists", idx, !row.lists.is_empty() && is_ascending)?;
        for CardListPrices { list, variant_prices_minor: prices, sales } in &row.lists {
            of.index("list", idx, u16::from(*list), PRICE_LISTS_MAX)?;
            of.at_most("variant_prices_minor", idx, prices.len(), VARIANTS_MAX)?;
            of.holds("variant_prices_minor", idx, prices.last().is_some_and(|last| *last > 0))?;
            of.at_most("sales", idx, sales.len(), VARIANTS_MAX)?;
            of.holds("sales", idx, sales.is_sorted_by(|a, b| a.0 < b.0))?;
            for (variant, sale) in sales {
                of.index("sales", idx, u16::from(*variant), prices.len())?;
                of.holds("sales", idx, sale.price_minor > 0)?;
            }
        }
    }
    Ok(())
}

fn codes(shard: &CodeShard) -> Result<(), WireError> {
    let of = Of(ShardKind::Codes);
    of.ids(shard.ids.iter().copied(), &shard.removed)?;
    of.length("codes", 0, shard.codes.len(), shard.ids.len() * CODE_DIM)
}

fn text_codes(shard: &TextCodeShard) -> Result<(), WireError> {
    let of = Of(ShardKind::TextCodes);
    of.ids(shard.ids.iter().copied(), &shard.removed)?;
    of.length("codes", 0, shard.codes.len(), shard.ids.len() * TEXT_CODE_DIM)?;
    of.length("attributes", 0, shard.attributes.len(), shard.ids.len())?;
    let mut texts = shard.attributes.iter().enumerate();
    texts.try_for_each(|(idx, text)| of.text("attributes", idx, text))
}

fn reviews(shard: &ReviewShard) -> Result<(), WireError> {
    let of = Of(ShardKind::Reviews);
    of.ids(shard.rows.iter().map(|row| row.id), &shard.removed)?;
    for (idx, row) in shard.rows.iter().enumerate() {
        of.at_most("aspects", idx, row.aspects.len(), ASPECTS_MAX)?;
        for aspect in &row.aspects {
            let n_chars = aspect.name.chars().count();
            of.at_most("aspect", idx, n_chars, ASPECT_CHARS_MAX)?;
            of.holds("aspect", idx, n_chars > 0 && (aspect.n_good, aspect.n_bad) != (0, 0))?;
        }
        of.at_most("quotes", idx, row.quotes.len(), QUOTES_MAX)?;
        for quote in &row.quotes {
            let n_chars = quote.text.chars().count();
            of.at_most("quote", idx, n_chars, QUOTE_CHARS_MAX)?;
            of.holds("quote", idx, n_chars > 0 && quote.stars <= 5)?;
        }
    }
    Ok(())
}

fn picture_codes(shard: &PictureCodeShard) -> Result<(), WireError> {
    let of = Of(ShardKind::PictureCodes);
    of.ids(shard.ids.iter().copied(), &shard.removed)?;
    of.length("codes", 0, shard.codes.len(), shard.ids.len() * PICTURE_CODE_DIM)
}

fn picture_network(shard: &PictureNetworkShard) -> Result<(), WireError> {
    let of = Of(ShardKind::PictureNetwork);
    of.at_most("network", 0, shard.network.len(), NETWORK_BYTES_MAX)?;
    of.at_most("projection", 0, shard.projection.len(), PROJECTION_BYTES_MAX)
}

fn query_table(table: &QueryTableShard) -> Result<(), WireError> {
    let of = Of(ShardKind::QueryTable);
    let n_words = table.words.len();
    of.at_most("words", 0, n_words, TABLE_WORDS_MAX)?;
    of.ascending("words", table.words.iter().copied())?;
    of.length("units", 0, table.units.len(), n_words)?;
    of.length("rows", 0, table.rows.len(), n_words * TEXT_CODE_DIM)?;
    of.at_most("relevance", 0, table.relevance.len(), SIGNALS_MAX)?;
    for (field, values) in
        [("mean", &table.mean), ("query_mean", &table.query_mean), ("intercept", &table.intercept)]
    {
        of.length(field, 0, values.len(), TEXT_CODE_DIM)?;
        of.finite(field, values)?;
    }
    of.finite("unit", &[table.unit])?;
    of.finite("units", &table.units)?;
    of.finite("relevance", &table.relevance)?;
    of.at_most("language", 0, table.language.len(), LANGUAGE_BYTES_MAX)?;
    of.at_most("synonyms", 0, table.synonyms.len(), SYNONYM_PHRASES_MAX)?;
    let mut before: Option<&str> = None;
    for (idx, (phrase, others)) in table.synonyms.iter().enumerate() {
        if before.is_some_and(|before| before >= phrase.as_str()) {
            return Err(WireError::Order(of.at("synonyms", idx)));
        }
        before = Some(phrase);
        of.at_most("synonyms", idx, others.len(), SYNONYMS_MAX)?;
        of.text("synonyms", idx, phrase)?;
        others.iter().try_for_each(|other| of.text("synonyms", idx, other))?;
    }
    Ok(())
}

fn related(kind: ShardKind, shard: &RelatedShard) -> Result<(), WireError> {
    let of = Of(kind);
    of.ids(shard.rows.iter().map(|row| row.id), &shard.removed)?;
    for (idx, row) in shard.rows.iter().enumerate() {
        of.at_most("related", idx, row.related.len(), RELATED_MAX)?;
        of.length("strengths", idx, row.strengths.len(), row.related.len())?;
        let repeats = |(i, id): (usize, &ItemId)| *id == row.id || row.related[..i].contains(id);
        let is_descending = row.strengths.is_sorted_by(|a, b| a >= b);
        if row.related.is_empty()
            || row.related.iter().enumerate().any(repeats)
            || !is_descending
            || row.strengths.last() == Some(&0)
        {
            return Err(WireError::Related(of.at("related", idx)));
        }
    }
    Ok(())
}

fn offers(shard: &OfferShard) -> Result<(), WireError> {
    let of = Of(ShardKind::Offers);
    of.ids(shard.rows.iter().map(|row| row.id), &shard.removed)?;
    for (idx, row) in shard.rows.iter().enumerate() {
        let n_chars = row.label.chars().count();
        of.at_most("label", idx, n_chars, OFFER_LABEL_CHARS_MAX)?;
        of.length("label", idx, n_chars.min(1), 1)?;
        let is_published = row.variants.checked_ilog2().is_some_and(|n| n < VARIANTS_MAX as u32);
        if !is_published {
            return Err(WireError::Offer(of.at("variants", idx)));
        }
        let is_amount = match row.amount {
            OfferAmount::Unsaid => true,
            OfferAmount::Percent(percent) => (1..=100).contains(&percent),
            OfferAmount::Minor(minor) => minor > 0,
        };
        of.holds("amount", idx, is_amount)?;
    }
    Ok(())
}

fn details(shard: &DetailShard) -> Result<(), WireError> {
    let of = Of(ShardKind::Details);
    of.ids(shard.rows.iter().map(|row| row.id), &shard.removed)?;
    for (idx, row) in shard.rows.iter().enumerate() {
        of.text("description", idx, &row.description)?;
        of.text("link", idx, &row.link)?;
        of.holds("link", idx, row.link.is_empty() || is_web_address(&row.link))?;
        of.at_most("characteristics", idx, row.characteristics.len(), CHARACTERISTICS_MAX)?;
        for (name, value) in &row.characteristics {
            of.text("characteristics", idx, name)?;
            of.text("characteristics", idx, value)?;
        }
        of.at_most("gtins", idx, row.gtins.len(), VARIANTS_MAX)?;
        row.gtins.iter().try_for_each(|gtin| of.text("gtins", idx, gtin))?;
    }
    Ok(())
}

/// Whether a link may be put on a page: no `javascript:`, no `data:`.
pub fn is_web_address(link: &str) -> bool {
    link.starts_with("https://") || link.starts_with("http://")
}

fn photos(kind: ShardKind, shard: &PhotoShard, bytes_max: usize) -> Result<(), WireError> {
    let of = Of(kind);
    of.at_most("rows", 0, shard.rows.len(), ITEMS_MAX)?;
    of.ascending("rows", shard.rows.iter().map(|row| row.id))?;
    for (idx, row) in shard.rows.iter().enumerate() {
        let bytes = row.webp.len();
        if bytes > bytes_max {
            return Err(WireError::TooLarge { what: "picture", bytes, bytes_max });
        }
        let is_webp = row.webp.starts_with(b"RIFF") && row.webp.get(8..12) == Some(b"WEBP");
        of.holds("webp", idx, is_webp)?;
    }
    Ok(())
}

fn pictures(shard: &PictureShard) -> Result<(), WireError> {
    let of = Of(ShardKind::Pictures);
    of.ascending("ids", shard.ids.iter())?;
    of.holds("ids", 0, shard.ids.first() != Some(&NO_PICTURE))?;
    of.length("names", 0, shard.names.len(), shard.ids.len())?;
    of.length("bodies", 0, shard.bodies.len(), shard.ids.len())?;
    for (idx, (name, body)) in shard.names.iter().zip(&shard.bodies).enumerate() {
        of.text("names", idx, name)?;
        if body.len() > PICTURE_BYTES_MAX {
            return Err(WireError::TooLarge {
                what: "picture",
                bytes: body.len(),
                bytes_max: PICTURE_BYTES_MAX,
            });
        }
        svg::check(body).map_err(|fault| WireError::Svg { place: of.at("bodies", idx), fault })?;
    }
    Ok(())
}

fn student(shard: &StudentShard) -> Result<(), WireError> {
    let bytes = shard.payload.len();
    if bytes > STUDENT_BYTES_MAX {
        return Err(WireError::TooLarge { what: "student", bytes, bytes_max: STUDENT_BYTES_MAX });
    }
    Of(ShardKind::Student).length("payload", 0, bytes.min(1), 1)
}
