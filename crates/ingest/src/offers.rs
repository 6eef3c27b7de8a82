//! The readers of promotions: which product is in which campaign, and when those run.

use std::path::Path;

use serde_json::Value;

use crate::convert::{self, MoneySlot};
use crate::error::{IngestError, Problem, RowError};
use crate::interactions::read_time;
use crate::mapping::Mapping;
use crate::records::{self, Layout, Plan, Records, Row, Slot};
use crate::time::TimeReader;

/// A product of a campaign, not yet checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawOffer {
    /// Which product.
    pub sku: String,
    /// Which campaign.
    pub campaign: String,
    /// By how much a piece is cheaper, in minor units; may be nonsense.
    pub price_off_minor: Option<i64>,
    /// By how many percent it is cheaper; may be nonsense.
    pub percent_off: Option<f64>,
}

/// A campaign, not yet checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawCampaign {
    /// Its identifier.
    pub id: String,
    /// Its first moment, in seconds since 1970-01-01 UTC.
    pub starts_seconds: i64,
    /// The beginning of its last day, or a moment of that day.
    pub ends_seconds: i64,
}

/// Streams the offers. See [`open_offers`].
pub struct Offers {
    records: Box<dyn Records>,
    sku: Slot,
    campaign: Slot,
    price_off: Option<MoneySlot>,
    percent_off: Option<Slot>,
}

/// Streams the campaigns. See [`open_campaigns`].
pub struct Campaigns {
    records: Box<dyn Records>,
    id: Slot,
    starts: (Slot, TimeReader),
    ends: (Slot, TimeReader),
}

/// Opens a file of offers.
///
/// # Errors
/// When the mapping describes none, or the file is missing, of unknown format,
/// damaged or lacks a mapped column.
pub fn open_offers(path: &Path, mapping: &Mapping) -> Result<Offers, IngestError> {
    let columns = mapping.offers.as_ref().ok_or_else(|| lacks(mapping, "offers"))?;
    let mut plan = Plan::default();
    let (sku, campaign) = (plan.slot(&columns.sku, true), plan.slot(&columns.campaign, true));
    let price_off = columns.price_off.as_ref().map(|of| MoneySlot::of(&mut plan, of, mapping));
    let percent_off = plan.optional(columns.percent_off.as_ref());
    let records = records::open(path, layout(columns.format), &plan.columns)?;
    Ok(Offers { records, sku, campaign, price_off, percent_off })
}

/// Opens a file of campaigns.
///
/// # Errors
/// As [`open_offers`], and a time format or zone that is unknown.
pub fn open_campaigns(path: &Path, mapping: &Mapping) -> Result<Campaigns, IngestError> {
    let columns = mapping.campaigns.as_ref().ok_or_else(|| lacks(mapping, "campaigns"))?;
    let mut plan = Plan::default();
    let id = plan.slot(&columns.id, true);
    let mut time = |column: &crate::TimestampColumn| -> Result<_, IngestError> {
        let slot = plan.slot(&column.column, true);
        Ok((slot, TimeReader::new(&column.format, &column.zone)?))
    };
    let (starts, ends) = (time(&columns.starts)?, time(&columns.ends)?);
    let records = records::open(path, layout(columns.format), &plan.columns)?;
    Ok(Campaigns { records, id, starts, ends })
}

/// A number that may have a percent sign behind it.
fn percent(records: &dyn Records, slot: &Slot) -> Result<Option<f64>, RowError> {
    let text = convert::text(records, Some(slot))?;
    let number = text.trim().trim_end_matches('%').trim_end();
    if number.is_empty() && text.trim().is_empty() {
        return Ok(None);
    }
    let bad = |_| RowError::new(&slot.name, &text, Problem::NotAPercentage);
    number.parse().map(Some).map_err(bad)
}

fn layout(format: Option<crate::Format>) -> Layout<'static> {
    Layout { format, ..Layout::default() }
}

fn lacks(mapping: &Mapping, table: &'static str) -> IngestError {
    IngestError::NoTable { mapping: mapping.name.clone(), table }
}

impl Offers {
    /// The row that was yielded last, as it stands in the file (JSON), for the quarantine.
    pub fn original(&self) -> Value {
        self.records.original()
    }

    fn read(&self) -> Result<RawOffer, RowError> {
        let records = self.records.as_ref();
        let text = |slot| convert::identifier(records, Some(slot));
        let percent = self.percent_off.as_ref().map_or(Ok(None), |slot| percent(records, slot));
        Ok(RawOffer {
            sku: text(&self.sku)?,
            campaign: text(&self.campaign)?,
            price_off_minor: match &self.price_off {
                Some(of) => of.read(records)?,
                None => None,
            },
            percent_off: percent?,
        })
    }
}

impl Campaigns {
    /// The row that was yielded last, as it stands in the file (JSON), for the quarantine.
    pub fn original(&self) -> Value {
        self.records.original()
    }

    fn read(&self) -> Result<RawCampaign, RowError> {
        let records = self.records.as_ref();
        Ok(RawCampaign {
            id: convert::identifier(records, Some(&self.id))?,
            starts_seconds: read_time(records, &self.starts.0, &self.starts.1)?,
            ends_seconds: read_time(records, &self.ends.0, &self.ends.1)?,
        })
    }
}

impl Iterator for Offers {
    type Item = Result<Row<RawOffer>, IngestError>;

    fn next(&mut self) -> Option<Self::Item> {
        let advanced = self.records.advance()?;
        Some(advanced.map(|record| Row {
            line: self.records.line(),
            record: record.and_then(|()| self.read()),
        }))
    }
}

impl Iterator for Campaigns {
    type Item = Result<Row<RawCampaign>, IngestError>;

    fn next(&mut self) -> Option<Self::Item> {
        let advanced = self.records.advance()?;
        Some(advanced.map(|record| Row {
            line: self.records.line(),
            record: record.and_then(|()| self.read()),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAPPING: &str = "name = 'x'\ncurrency = 'EUR'\n[products]\nsku = 'id'\n\
        [offers]\nsku = 'product'\ncampaign = 'campaign'\n\
        [campaigns]\nid = 'campaign'\nstarts = { column = 'from' }\nends = { column = 'to' }\n";

    fn file(folder: &tempfile::TempDir, name: &str, text: &str) -> std::path::PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("writes");
        path
    }

    #[test]
    fn offers_and_campaigns_are_read_and_bad_rows_say_why() {
        let folder = tempfile::tempdir().expect("a folder");
        let mapping = Mapping::from_toml(MAPPING).expect("a mapping");
        let path = file(&folder, "offers.csv", "product,campaign\n7,a\n");
        let rows: Vec<_> =
            open_offers(&path, &mapping).expect("opens").collect::<Result<_, _>>().expect("reads");
        let offer = RawOffer { sku: "7".into(), campaign: "a".into(), ..RawOffer::default() };
        assert_eq!(rows, [Row { line: 2, record: Ok(offer) }]);

        let text = "campaign,from,to\na,2017-03-03,2017-04-09\nb,soon,2017-04-09\n";
        let path = file(&folder, "campaigns.csv", text);
        let campaigns = open_campaigns(&path, &mapping).expect("opens");
        let rows: Vec<_> = campaigns.collect::<Result<_, _>>().expect("reads");
        let first = rows[0].record.as_ref().expect("a campaign");
        assert_eq!((first.starts_seconds, first.ends_seconds), (1_488_499_200, 1_491_696_000));
        assert!(rows[1].record.as_ref().expect_err("no time").to_string().contains("soon"));
    }

    #[test]
    fn an_offer_says_by_how_much_where_a_column_does() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = MAPPING.replace(
            "[campaigns]",
            "price_off = { column = 'off' }\npercent_off = 'percent'\n[campaigns]",
        );
        let mapping = Mapping::from_toml(&text).expect("a mapping");
        let text = "product,campaign,off,percent\n7,a,0.50,\n8,a,,15 %\n9,a,,\n10,a,,half\n";
        let path = file(&folder, "offers.csv", text);
        let rows: Vec<_> =
            open_offers(&path, &mapping).expect("opens").collect::<Result<_, _>>().expect("reads");
        let amount = |n: usize| {
            let offer = rows[n].record.as_ref().expect("an offer");
            (offer.price_off_minor, offer.percent_off)
        };
        assert_eq!([amount(0), amount(1)], [(Some(50), None), (None, Some(15.0))]);
        assert_eq!(amount(2), (None, None));
        let bad = rows[3].record.as_ref().expect_err("no percentage").to_string();
        assert!(bad.contains("half") && bad.contains("percentage"), "{bad}");
    }

    #[test]
    fn a_mapping_without_them_says_what_to_add() {
        let text = "name = 'x'\ncurrency = 'EUR'\n[products]\nsku = 'id'\n";
        let mapping = Mapping::from_toml(text).expect("a mapping");
        let error = open_offers(Path::new("offers.csv"), &mapping).err().expect("refused");
        assert!(error.to_string().contains("[offers]"), "{error}");
    }
}
