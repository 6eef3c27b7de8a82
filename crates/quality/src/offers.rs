//! The passes over campaigns and offers: which products are on offer now, until when.

use std::collections::HashMap;

use vitrine_domain::OfferAmount;
use vitrine_domain::calendar::DAY_SECONDS;

use crate::cards::Catalogue;
use crate::products::shown;
use crate::{Reason, Rejection, Unreadable};

/// A campaign as read, before checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignRow {
    /// Its identifier.
    pub id: String,
    /// Its first moment, in seconds since 1970-01-01 UTC.
    pub starts_seconds: i64,
    /// A moment of its last day, which is part of it.
    pub ends_seconds: i64,
}

/// A product of a campaign as read, before checks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CampaignOffer {
    /// Which product.
    pub sku: String,
    /// Which campaign.
    pub campaign: String,
    /// By how much a piece is cheaper, in minor units, where the feed says it.
    pub price_off_minor: Option<i64>,
    /// By how many percent it is cheaper, where the feed says it and no `price_off_minor`.
    pub percent_off: Option<f64>,
}

/// The offer of a product: until when, and by how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProductOffer {
    /// The moment at which it ends, in seconds since 1970-01-01 UTC.
    pub until_seconds: i64,
    /// By how much a piece is cheaper; unsaid, too, where campaigns that run say different
    /// amounts.
    pub amount: OfferAmount,
}

/// First moment and the moment after the last of each campaign, by identifier.
#[derive(Clone, Debug, Default)]
pub struct CampaignTimes(HashMap<String, (i64, i64)>);

impl CampaignTimes {
    /// Checks a campaign and takes it in.
    ///
    /// # Errors
    /// The reason for which the row belongs into quarantine.
    pub fn push(&mut self, row: Result<CampaignRow, Unreadable>) -> Result<(), Rejection> {
        let CampaignRow { id, starts_seconds, ends_seconds } = row?;
        if id.is_empty() {
            return Err(Rejection::new(Reason::EmptyId, "the campaign has no identifier"));
        }
        let end = ends_seconds.div_euclid(DAY_SECONDS).saturating_add(1) * DAY_SECONDS;
        if end <= starts_seconds {
            let message = format!("campaign {} ends before it starts", shown(&id));
            return Err(Rejection::new(Reason::OutOfRange, message));
        }
        if self.0.contains_key(&id) {
            let message = format!("campaign {} was already listed", shown(&id));
            return Err(Rejection::new(Reason::DuplicateId, message));
        }
        self.0.insert(id, (starts_seconds, end));
        Ok(())
    }
}

/// Checks offers one by one and collects those that run at one moment.
pub struct OfferPass<'c> {
    catalogue: &'c Catalogue,
    campaigns: CampaignTimes,
    at_seconds: i64,
    offers: HashMap<String, ProductOffer>,
}

impl<'c> OfferPass<'c> {
    /// A pass over `catalogue` for offers that run at `at_seconds`.
    pub fn new(catalogue: &'c Catalogue, campaigns: CampaignTimes, at_seconds: i64) -> Self {
        Self { catalogue, campaigns, at_seconds, offers: HashMap::new() }
    }

    /// Checks an offer. One whose campaign is over, or still to come, is a good row
    /// and no offer now.
    ///
    /// # Errors
    /// The reason for which the row belongs into quarantine.
    pub fn push(&mut self, row: Result<CampaignOffer, Unreadable>) -> Result<(), Rejection> {
        let CampaignOffer { sku, campaign, price_off_minor, percent_off } = row?;
        let amount = amount(price_off_minor, percent_off)?;
        let Some(&(start, end)) = self.campaigns.0.get(&campaign) else {
            let message = format!("campaign {} is not listed", shown(&campaign));
            return Err(Rejection::new(Reason::UnknownCampaign, message));
        };
        self.catalogue.kept(&sku)?;
        if (start..end).contains(&self.at_seconds) {
            let first = ProductOffer { until_seconds: end, amount };
            let offer = self.offers.entry(sku).or_insert(first);
            offer.until_seconds = end.max(offer.until_seconds);
            offer.amount = offer.amount.common(amount);
        }
        Ok(())
    }

    /// The offer of each product that is in one, by sku.
    pub fn finish(self) -> HashMap<String, ProductOffer> {
        self.offers
    }
}

/// An amount that can be one: above 0, and at most the whole price.
fn amount(price_off_minor: Option<i64>, percent: Option<f64>) -> Result<OfferAmount, Rejection> {
    match (price_off_minor, percent) {
        (Some(minor), _) => match u32::try_from(minor) {
            Ok(minor) if minor > 0 => Ok(OfferAmount::Minor(minor)),
            _ => {
                let message = format!("the offer takes {minor} minor units off");
                Err(Rejection::new(Reason::OutOfRange, message))
            }
        },
        (None, Some(percent)) if (1.0..=100.0).contains(&percent.round()) => {
            Ok(OfferAmount::Percent(percent.round() as u8))
        }
        (None, Some(percent)) => {
            let message = format!("the offer takes {percent} percent off");
            Err(Rejection::new(Reason::OutOfRange, message))
        }
        (None, None) => Ok(OfferAmount::Unsaid),
    }
}

#[cfg(test)]
mod tests {
    use vitrine_domain::Product;

    use super::*;
    use crate::{ProductPass, ProductRow};

    fn campaign(id: &str, starts_seconds: i64, ends_seconds: i64) -> CampaignRow {
        CampaignRow { id: id.into(), starts_seconds, ends_seconds }
    }

    #[test]
    fn the_last_day_is_part_of_a_campaign_and_bad_rows_have_reasons() {
        let mut pass = ProductPass::new();
        let product = Product { sku: "7".into(), title: "Milk".into(), ..Product::default() };
        pass.push(Ok(ProductRow { product, ..ProductRow::default() })).expect("kept");
        let catalogue = pass.finish().expect("a catalogue");

        let mut campaigns = CampaignTimes::default();
        campaigns.push(Ok(campaign("a", 0, DAY_SECONDS))).expect("kept");
        campaigns.push(Ok(campaign("over", 0, 0))).expect("kept");
        let refused = |row, campaigns: &mut CampaignTimes| {
            campaigns.push(Ok(row)).expect_err("refused").reason
        };
        let backwards = campaign("b", 5 * DAY_SECONDS, DAY_SECONDS);
        assert_eq!(refused(backwards, &mut campaigns), Reason::OutOfRange);
        assert_eq!(refused(campaign("a", 0, 1), &mut campaigns), Reason::DuplicateId);
        assert_eq!(refused(campaign("", 0, 1), &mut campaigns), Reason::EmptyId);

        let mut offers = OfferPass::new(&catalogue, campaigns, 2 * DAY_SECONDS - 1);
        let offer = |sku: &str, campaign: &str| {
            let (sku, campaign) = (sku.into(), campaign.into());
            Ok(CampaignOffer { sku, campaign, ..CampaignOffer::default() })
        };
        offers.push(offer("7", "a")).expect("runs");
        offers.push(offer("7", "over")).expect("a good row");
        let unknown = offers.push(offer("7", "z")).expect_err("refused").reason;
        assert_eq!(unknown, Reason::UnknownCampaign);
        let unknown = offers.push(offer("8", "a")).expect_err("refused").reason;
        assert_eq!(unknown, Reason::UnknownProduct);
        let expected = ProductOffer { until_seconds: 2 * DAY_SECONDS, amount: OfferAmount::Unsaid };
        assert_eq!(offers.finish(), HashMap::from([("7".to_owned(), expected)]));
    }

    #[test]
    fn amounts_are_above_0_and_at_most_the_whole_price() {
        assert_eq!(amount(Some(50), None), Ok(OfferAmount::Minor(50)));
        assert_eq!(amount(Some(50), Some(10.0)), Ok(OfferAmount::Minor(50)), "money is exact");
        assert_eq!(amount(None, Some(12.4)), Ok(OfferAmount::Percent(12)));
        for (minor, percent) in
            [(Some(0), None), (Some(-5), None), (None, Some(0.2)), (None, Some(f64::NAN))]
        {
            let refused = amount(minor, percent).expect_err("refused");
            assert_eq!(refused.reason, Reason::OutOfRange);
        }
    }
}
