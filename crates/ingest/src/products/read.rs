//! From the fields of a record to a product.

use vitrine_domain::{ATTRIBUTE_SEPARATOR, limits};

use super::{FeedListPrice, Products, RawProduct};
use crate::IMAGES_MAX;
use crate::convert::{self, addresses};
use crate::error::{Problem, RowError};
use crate::mapping::ProductField;
use crate::measure::FeedMeasure;
use crate::records::{Records, Slot};
use crate::words::{FeedAgeGroup, FeedCondition, FeedGender};

/// Ratings that there are.
const RATINGS: std::ops::RangeInclusive<f64> = 1.0..=5.0;

/// Reads fields of one record, and remembers what could not be read of those that a product
/// can do without.
struct Reading<'r> {
    records: &'r dyn Records,
    problems: Vec<RowError>,
}

impl Reading<'_> {
    fn text(&self, slot: &Option<Slot>) -> Result<String, RowError> {
        convert::text(self.records, slot.as_ref())
    }

    /// The value, or none and its problem remembered.
    fn optional<T>(&mut self, read: Result<Option<T>, RowError>) -> Option<T> {
        read.unwrap_or_else(|problem| {
            self.problems.push(problem);
            None
        })
    }

    /// The value that `read` finds in the text of a column; none, and a problem, where the
    /// column has a text and `read` finds nothing.
    fn word<T>(
        &mut self,
        slot: &Option<Slot>,
        problem: Problem,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let slot = slot.as_ref()?;
        let read = convert::text(self.records, Some(slot)).and_then(|text| {
            let value = if text.is_empty() { None } else { read(&text) };
            match value {
                None if !text.is_empty() => Err(RowError::new(&slot.name, &text, problem)),
                value => Ok(value),
            }
        });
        self.optional(read)
    }

    fn count(&mut self, slot: &Option<Slot>) -> Option<u32> {
        let read = convert::count(self.records, slot.as_ref()?);
        self.optional(read)
    }

    fn rating(&mut self, slot: &Option<Slot>) -> Option<f64> {
        let slot = slot.as_ref()?;
        let read = convert::number(self.records, slot).and_then(|value| match value {
            Some(value) if value == 0.0 || RATINGS.contains(&value) => Ok(Some(value)),
            Some(_) => Err(slot.error(&self.records.field(slot.idx), Problem::NotARating)),
            None => Ok(None),
        });
        self.optional(read).filter(|&value| value > 0.0)
    }

    /// At most [`limits::TEXT_CHARS_MAX`] characters of a text, cut after a word.
    fn cut(&mut self, text: String, slot: &Option<Slot>) -> String {
        let Some((end, _)) = text.char_indices().nth(limits::TEXT_CHARS_MAX) else { return text };
        let name = slot.as_ref().map_or("", |slot| slot.name.as_str());
        self.problems.push(RowError::new(name, &text, Problem::TextCut));
        let cut = &text[..end];
        // A text without blanks is cut where it must be.
        cut.rsplit_once(char::is_whitespace).map_or(cut, |(whole, _)| whole).trim_end().to_owned()
    }

    /// The first picture, and the further ones.
    fn images(&mut self, main: &Option<Slot>, further: &[Slot]) -> (String, Vec<String>) {
        let mut all: Vec<String> = Vec::new();
        let mut last = None;
        for slot in main.iter().chain(further) {
            let read = addresses(self.records, slot).map(Some);
            for address in self.optional(read).unwrap_or_default() {
                if !all.contains(&address) {
                    all.push(address);
                    last = Some(slot);
                }
            }
        }
        if let (true, Some(slot)) = (all.len() > IMAGES_MAX + 1, last) {
            let text = all.len().to_string();
            self.problems.push(RowError::new(&slot.name, &text, Problem::TooManyImages));
            all.truncate(IMAGES_MAX + 1);
        }
        let mut all = all.into_iter();
        (all.next().unwrap_or_default(), all.collect())
    }
}

impl Products {
    /// The product of the current record.
    pub(super) fn read(&self) -> Result<RawProduct, RowError> {
        let slots = &self.slots;
        let mut read = Reading { records: self.records.as_ref(), problems: Vec::new() };
        let levels = self.category_levels()?;
        let (first, last) = match levels.as_slice() {
            [] => (String::new(), String::new()),
            [only] => (only.clone(), String::new()),
            [first, .., last] => (first.clone(), last.clone()),
        };
        let or = |own: String, of_path: String| if own.is_empty() { of_path } else { own };
        let price_minor = match &slots.price {
            Some(price) => price.read(read.records)?,
            None => None,
        };
        let description = read.text(&slots.description)?;
        let (image_link, additional_image_links) =
            read.images(&slots.image_link, &slots.additional_image_links);
        let sale_price = slots.sale_price.as_ref().map_or(Ok(None), |of| of.read(read.records));
        let sale_price_minor = read.optional(sale_price);
        let mut list_prices = Vec::new();
        for (list, (price, sale_price)) in (0..).zip(&slots.price_lists) {
            let Some(price_minor) = price.read(read.records)? else { continue };
            let sale_price = sale_price.as_ref().map_or(Ok(None), |of| of.read(read.records));
            let sale_price_minor = read.optional(sale_price);
            list_prices.push(FeedListPrice { list, price_minor, sale_price_minor });
        }
        let sale = slots.sale.as_ref().map_or(Ok(None), |sale| sale.read(read.records));
        let sale_is_clear = sale.is_ok();
        let has_sale = sale_price_minor.is_some()
            || list_prices.iter().any(|price| price.sale_price_minor.is_some());
        let sale_interval = read.optional(sale).filter(|_| has_sale);
        if !sale_is_clear {
            list_prices.iter_mut().for_each(|price| price.sale_price_minor = None);
        }
        let measure =
            |read: &mut Reading<'_>, slot| read.word(slot, Problem::NotAMeasure, FeedMeasure::read);
        let listed =
            slots.listed.as_ref().map_or(Ok(None), |slot| convert::yes(read.records, slot));
        let published_at = slots.published_at.as_ref().map(|(slot, time)| {
            let is_missing = read.text(&Some(slot.clone()))?.is_empty();
            if is_missing {
                return Ok(None);
            }
            crate::interactions::read_time(read.records, slot, time).map(Some)
        });
        Ok(RawProduct {
            sku: convert::identifier(read.records, Some(&slots.sku))?,
            item_group_id: convert::identifier(read.records, slots.item_group_id.as_ref())?,
            title: self.replaced(read.text(&slots.title)?, ProductField::Title),
            description: read.cut(description, &slots.description),
            attributes: self.attributes()?,
            department: self
                .replaced(or(read.text(&slots.department)?, first), ProductField::Department),
            category: self.replaced(or(read.text(&slots.category)?, last), ProductField::Category),
            brand: self.replaced(read.text(&slots.brand)?, ProductField::Brand),
            manufacturer: read.text(&slots.manufacturer)?,
            size: read.text(&slots.size)?,
            price_minor,
            sale_price_minor: sale_price_minor.filter(|_| sale_is_clear),
            list_prices,
            sale_interval,
            unit_pricing_measure: measure(&mut read, &slots.unit_pricing_measure),
            unit_pricing_base_measure: measure(&mut read, &slots.unit_pricing_base_measure),
            availability: convert::availability(read.records, slots.availability.as_ref())?,
            stock: read.count(&slots.stock),
            gtin: convert::identifier(read.records, slots.gtin.as_ref())?,
            link: read.text(&slots.link)?,
            image_link,
            additional_image_links,
            availability_date: read.text(&slots.availability_date)?,
            expiration_date: read.text(&slots.expiration_date)?,
            condition: read.word(&slots.condition, Problem::UnknownValue, FeedCondition::read),
            age_group: read.word(&slots.age_group, Problem::UnknownValue, FeedAgeGroup::read),
            gender: read.word(&slots.gender, Problem::UnknownValue, FeedGender::read),
            color: read.text(&slots.color)?,
            material: read.text(&slots.material)?,
            pattern: read.text(&slots.pattern)?,
            rating: read.rating(&slots.rating),
            rating_count: read.count(&slots.rating_count),
            published_at_seconds: published_at.and_then(|at| read.optional(at)),
            is_unlisted: read.optional(listed) == Some(false),
            problems: read.problems,
        })
    }

    /// What the mapping shows in place of a value.
    fn replaced(&self, value: String, field: ProductField) -> String {
        self.values.get(&field).and_then(|values| values.get(&value)).cloned().unwrap_or(value)
    }

    /// Levels of the category path from the top, none of which is empty.
    fn category_levels(&self) -> Result<Vec<String>, RowError> {
        let Some((slot, separator)) = &self.slots.category_path else { return Ok(Vec::new()) };
        let texts = convert::texts(self.records.as_ref(), slot)?;
        // Of several paths, the first counts; a list of levels has no separators.
        let is_path = |text: &String| text.contains(separator.as_str());
        let path = texts.iter().find(|text| is_path(text));
        let levels: Vec<&str> = match path {
            Some(path) => path.split(separator.as_str()).collect(),
            None => texts.iter().map(String::as_str).collect(),
        };
        let levels = levels.into_iter().map(str::trim).filter(|level| !level.is_empty());
        Ok(levels.map(str::to_owned).collect())
    }

    fn attributes(&self) -> Result<String, RowError> {
        let (mut joined, mut n_chars) = (String::new(), 0);
        for slot in &self.slots.attributes {
            let value = convert::text(self.records.as_ref(), Some(slot))?;
            n_chars += value.chars().count() + ATTRIBUTE_SEPARATOR.chars().count();
            if value.is_empty() || n_chars > limits::TEXT_CHARS_MAX {
                continue;
            }
            if !joined.is_empty() {
                joined.push_str(ATTRIBUTE_SEPARATOR);
            }
            joined.push_str(&value);
        }
        Ok(joined)
    }
}
