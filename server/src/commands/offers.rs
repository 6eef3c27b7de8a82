//! Promotions of an import: files → which cards are on offer, until when.

use std::collections::HashMap;

use anyhow::Result;
use vitrine_domain::Item;
use vitrine_ingest::{Mapping, RawCampaign, RawOffer, open_campaigns, open_offers};
use vitrine_quality::{
    CampaignOffer, CampaignRow, CampaignTimes, Catalogue, Intake, OfferPass, ProductOffer,
    Quarantine, Summary,
};
use vitrine_wire::shard::{OFFER_LABEL_CHARS_MAX, VARIANTS_MAX};
use vitrine_wire::{OfferAmount, OfferRow};

use super::import::{check_in, file_name, unreadable};
use crate::cli::ImportArgs;
use crate::clock::now_seconds;
use crate::progress::WorkProgress;
use crate::signals::Stop;

/// The offer of each product that is in one, by sku.
pub type ProductOffers = HashMap<String, ProductOffer>;

/// Reads the offers that run; none when the import has no such files.
///
/// `last_seconds` is the moment of the newest line of the log.
///
/// # Errors
/// A file cannot be read, or the process was asked to stop.
pub fn read(
    args: &ImportArgs,
    mapping: &Mapping,
    products: &Catalogue,
    last_seconds: Option<i64>,
    (quarantine, summary): (&mut Quarantine, &mut Summary),
    stop: &Stop,
) -> Result<ProductOffers> {
    let (Some(offers), Some(campaigns)) = (&args.offers, &args.campaigns) else {
        return Ok(ProductOffers::new());
    };
    let now = now_seconds();
    let shop_time = last_seconds.filter(|_| args.offers_of_last_day).unwrap_or(now);

    let mut known = CampaignTimes::default();
    let mut intake = Intake::new(quarantine, file_name(campaigns));
    let mut rows = open_campaigns(campaigns, mapping)?;
    while let Some(row) = rows.next() {
        let row = row?;
        intake.read();
        let campaign = |raw: RawCampaign| CampaignRow {
            id: raw.id,
            starts_seconds: raw.starts_seconds,
            ends_seconds: raw.ends_seconds,
        };
        let answer = known.push(row.record.map_err(unreadable).map(campaign));
        intake.answer(row.line, answer, || rows.original())?;
    }
    intake.finish(summary)?;

    let mut pass = OfferPass::new(products, known, shop_time);
    let mut intake = Intake::new(quarantine, file_name(offers));
    let mut rows = open_offers(offers, mapping)?;
    let mut progress = WorkProgress::start("offers", 0);
    let mut n = 0;
    while let Some(row) = rows.next() {
        let row = row?;
        intake.read();
        let offer = |raw: RawOffer| CampaignOffer {
            sku: raw.sku,
            campaign: raw.campaign,
            price_off_minor: raw.price_off_minor,
            percent_off: raw.percent_off,
        };
        let answer = pass.push(row.record.map_err(unreadable).map(offer));
        intake.answer(row.line, answer, || rows.original())?;
        n += 1;
        check_in(n, &mut progress, stop)?;
    }
    intake.finish(summary)?;
    progress.finish();
    let mut offers = pass.finish();
    tracing::info!(products = offers.len(), "on offer");
    offers.values_mut().for_each(|offer| offer.until_seconds += now - shop_time);
    Ok(offers)
}

/// Offers of cards: those one of whose published variants is on offer. The offer of variants with different amounts says none.
pub fn of_cards(items: &[Item], offers: &ProductOffers, label: &str) -> Vec<OfferRow> {
    let label: String = label.chars().take(OFFER_LABEL_CHARS_MAX).collect();
    let offer = |item: &Item| {
        let variants = item.variants.iter().take(VARIANTS_MAX).enumerate();
        let on: Vec<(usize, ProductOffer)> =
            variants.filter_map(|(n, variant)| Some((n, *offers.get(&variant.sku)?))).collect();
        let until_seconds = on.iter().map(|(_, offer)| offer.until_seconds).max()?;
        let amount = on.iter().map(|(_, offer)| offer.amount).reduce(OfferAmount::common)?;
        let variants = on.iter().fold(0, |mask, (n, _)| mask | 1 << n);
        Some(OfferRow { id: item.id, label: label.clone(), amount, until_seconds, variants })
    };
    items.iter().filter_map(offer).collect()
}

#[cfg(test)]
mod tests {
    use vitrine_domain::{ItemId, Variant};

    use super::*;

    #[test]
    fn a_card_is_on_offer_with_its_variants_as_long_as_the_longest() {
        let variant = |sku: &str| Variant { sku: sku.into(), ..Variant::default() };
        let item = |id, skus: &[&str]| Item {
            id: ItemId(id),
            variants: skus.iter().map(|sku| variant(sku)).collect(),
            ..Item::default()
        };
        let items = [item(1, &["a", "b", "c"]), item(2, &["d"])];
        let ten = OfferAmount::Percent(10);
        let offer = |until_seconds, amount| ProductOffer { until_seconds, amount };
        let mut offers = ProductOffers::from([
            ("a".into(), offer(100, ten)),
            ("c".into(), offer(200, ten)),
            ("z".into(), offer(300, OfferAmount::Minor(5))),
        ]);
        let row = OfferRow {
            id: ItemId(1),
            label: "Coupon".into(),
            amount: ten,
            until_seconds: 200,
            variants: 0b101,
        };
        assert_eq!(of_cards(&items, &offers, "Coupon"), std::slice::from_ref(&row));
        offers.insert("c".into(), offer(200, OfferAmount::Minor(5)));
        let unsaid = OfferRow { amount: OfferAmount::Unsaid, ..row };
        assert_eq!(of_cards(&items, &offers, "Coupon"), [unsaid], "one is cheaper by another");
    }
}
