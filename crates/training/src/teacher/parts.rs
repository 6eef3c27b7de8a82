//! The parts of a teacher: which there are, and how one is fitted on the past of a moment.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use vitrine_domain::Item;
use vitrine_ranking::{
    Components, ComponentsConfig, FeatureModel, FeatureWeights, Neighbours, PastPurchase,
    PurchaseLog,
};

use super::shape::Shape;
use crate::TrainingError;
use crate::next::blend::Parts;
use crate::next::linear::{self, DenseItems, LinearConfig, Precision, SparseItems};
use crate::next::local::local_ease;
use crate::next::{
    ItemKnn, ItemKnnConfig, PersonalFrequency, PopRec, PureSvd, Recency, RecentPop, RepeatConfig,
    RepeatModel, Scorer, ShopperKnn, ShopperKnnConfig, TextSimilarity, TifuKnn, TifuKnnConfig,
    TwoHop,
};

/// How what a shopper took fades in [`PartKind::FadedFrequency`].
const FADING: Recency = Recency { decay: 0.9, baskets_max: 100 };

/// A kind of part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartKind {
    /// What most people took.
    PopRec,
    /// What most people took lately.
    RecentPop,
    /// What this shopper took most often.
    Frequency,
    /// The same, newer baskets counting more.
    FadedFrequency,
    /// What shoppers with a similar history took.
    ShopperKnn,
    /// Personal frequency beside that of the nearest shoppers.
    TifuKnn,
    /// How likely each item of the history is bought again.
    Repeat,
    /// A linear model of counts, lists and personal statistics.
    Features,
    /// What is taken by those who took the same.
    ItemKnn,
    /// Two steps over the graph of shoppers and items.
    TwoHop,
    /// Texts near those of what was taken.
    Titles,
    /// Taste in a few dimensions.
    PureSvd,
    /// A linear autoencoder over items.
    Ease,
    /// The same over the nearest neighbours of each item: where a matrix does not fit.
    LocalEase,
    /// What follows what.
    Transition,
}

impl PartKind {
    /// Every kind, in the order of tables.
    pub const ALL: [Self; 15] = [
        Self::PopRec,
        Self::RecentPop,
        Self::Frequency,
        Self::FadedFrequency,
        Self::ShopperKnn,
        Self::TifuKnn,
        Self::Repeat,
        Self::Features,
        Self::ItemKnn,
        Self::TwoHop,
        Self::Titles,
        Self::PureSvd,
        Self::Ease,
        Self::LocalEase,
        Self::Transition,
    ];

    /// Name in tables and explanations.
    pub fn title(self) -> &'static str {
        match self {
            Self::PopRec => "PopRec",
            Self::RecentPop => "popular lately",
            Self::Frequency => "personal frequency",
            Self::FadedFrequency => "personal frequency, faded",
            Self::ShopperKnn => "similar shoppers",
            Self::TifuKnn => "TIFU-KNN",
            Self::Repeat => "bought again",
            Self::Features => "linear features",
            Self::ItemKnn => "ItemKNN",
            Self::TwoHop => "two-hop graph",
            Self::Titles => "MiniLM titles",
            Self::PureSvd => "PureSVD",
            Self::Ease => "EASE with texts",
            Self::LocalEase => "EASE of neighbours",
            Self::Transition => "linear transitions",
        }
    }

    /// Name of its file.
    pub(super) fn file_name(self) -> String {
        let words = format!("{self:?}");
        let mut name = String::from("teacher");
        for letter in words.chars() {
            if letter.is_ascii_uppercase() {
                name.push('-');
            }
            name.push(letter.to_ascii_lowercase());
        }
        name + ".bin"
    }

    /// The kinds that make sense for a shop.
    pub fn of_shop(shape: Shape) -> Vec<Self> {
        let makes_sense = |kind: &Self| match kind {
            Self::RecentPop => shape.has_times,
            Self::Frequency
            | Self::FadedFrequency
            | Self::ShopperKnn
            | Self::TifuKnn
            | Self::Repeat => shape.has_repeats,
            Self::Titles => shape.has_texts,
            Self::Ease => shape.fits_dense(),
            Self::LocalEase => !shape.fits_dense(),
            // Of baskets that are bought again and again it costs the most and adds nothing.
            Self::Transition => shape.fits_dense() && !shape.has_repeats,
            Self::PopRec | Self::Features | Self::ItemKnn | Self::TwoHop | Self::PureSvd => true,
        };
        Self::ALL.into_iter().filter(makes_sense).collect()
    }
}

/// Sizes and memories of all parts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PartConfig {
    /// Co-occurrence.
    pub item_knn: ItemKnnConfig,
    /// Similar shoppers.
    pub shopper_knn: ShopperKnnConfig,
    /// Nearest shoppers by personal frequency.
    pub tifu_knn: TifuKnnConfig,
    /// EASE and transitions.
    pub linear: LinearConfig,
    /// What is bought again; its window is that of "lately", too.
    pub repeat: RepeatConfig,
}

/// What parts are fitted from besides a log.
#[derive(Clone, Copy)]
pub struct PartMaker<'a> {
    /// The items, as logs index them.
    pub items: &'a [Item],
    /// Text vectors \[n_items, 384\], where there are texts.
    pub vectors: Option<&'a [f32]>,
    /// Nearest texts of each item.
    pub by_text: &'a Neighbours,
    /// Weights of [`PartKind::Features`], where there are any.
    pub features: Option<&'a FeatureWeights>,
    /// What [`PartKind::Repeat`] learned already: it is only counted anew.
    pub repeat: Option<&'a RepeatModel>,
    /// Sizes.
    pub config: &'a PartConfig,
    /// Set it and fitting ends with [`TrainingError::Stopped`].
    pub stop: &'a AtomicBool,
}

impl PartMaker<'_> {
    /// Parts of the kinds that are asked for, fitted on a log of what happened before
    /// `at_seconds`.
    ///
    /// # Errors
    /// [`TrainingError::TooManyItems`]; [`TrainingError::Stopped`]; when a tensor operation
    /// fails.
    pub fn fit(
        &self,
        kinds: &[PartKind],
        past: &PurchaseLog,
        at_seconds: i64,
    ) -> Result<Vec<(PartKind, PartModel)>, TrainingError> {
        let mut linear = Linear::default();
        let mut made = Vec::with_capacity(kinds.len());
        for kind in kinds {
            if self.stop.load(Ordering::Relaxed) {
                return Err(TrainingError::Stopped);
            }
            let has_both = kinds.contains(&PartKind::Ease) && kinds.contains(&PartKind::Transition);
            let model = match kind {
                PartKind::Ease => PartModel::Dense(self.ease(past, &mut linear, has_both)?),
                PartKind::Transition => PartModel::Dense(self.transition(past, &mut linear)?),
                kind => self.fit_one(*kind, past, at_seconds)?,
            };
            made.push((*kind, model));
        }
        Ok(made)
    }

    fn fit_one(
        &self,
        kind: PartKind,
        past: &PurchaseLog,
        at_seconds: i64,
    ) -> Result<PartModel, TrainingError> {
        let config = self.config;
        Ok(match kind {
            PartKind::PopRec => PartModel::PopRec(PopRec::fit(past)),
            PartKind::RecentPop => {
                PartModel::RecentPop(RecentPop::fit(past, config.repeat.window_seconds))
            }
            PartKind::Frequency => {
                PartModel::Frequency(PersonalFrequency::fit(past, Recency::NONE))
            }
            PartKind::FadedFrequency => PartModel::Frequency(PersonalFrequency::fit(past, FADING)),
            PartKind::ShopperKnn => {
                PartModel::ShopperKnn(ShopperKnn::fit(past, config.shopper_knn))
            }
            PartKind::TifuKnn => PartModel::TifuKnn(TifuKnn::fit(past, config.tifu_knn)),
            PartKind::Repeat => PartModel::Repeat(match self.repeat {
                Some(learned) => learned.over(past),
                None => match RepeatModel::fit(past, &config.repeat, self.stop) {
                    Err(TrainingError::TooLittleData { .. }) => RepeatModel::counting(past),
                    fitted => fitted?,
                },
            }),
            PartKind::Features => {
                let sizes = ComponentsConfig::default();
                let by_text = self.by_text.clone();
                let components = Components::build(self.items, by_text, past, at_seconds, &sizes)?;
                let weights = self.features.copied().unwrap_or_else(FeatureWeights::zeros);
                PartModel::Features(Features(FeatureModel { components, weights }))
            }
            PartKind::ItemKnn => PartModel::ItemKnn(ItemKnn::fit(past, config.item_knn)),
            PartKind::TwoHop => PartModel::TwoHop(TwoHop::fit(past)),
            PartKind::Titles => {
                let recency = ItemKnnConfig::default().recency;
                let vectors = self.vectors.unwrap_or_default();
                PartModel::Titles(TextSimilarity::new(vectors, past.n_items(), recency)?)
            }
            PartKind::PureSvd => PartModel::PureSvd(PureSvd::fit(past)),
            PartKind::Ease => PartModel::Dense(self.ease(past, &mut Linear::default(), false)?),
            PartKind::LocalEase => PartModel::Sparse(local_ease(past, &config.linear)?),
            PartKind::Transition => {
                PartModel::Dense(self.transition(past, &mut Linear::default())?)
            }
        })
    }

    fn ease(
        &self,
        past: &PurchaseLog,
        linear: &mut Linear,
        has_both: bool,
    ) -> Result<DenseItems, TrainingError> {
        if has_both {
            // EASE takes the matrix's memory, so what else is made of it comes first.
            let transition = self.transition(past, linear)?;
            linear.transition = Some(transition);
        }
        let precision = match linear.precision.take() {
            Some(precision) => precision,
            None => Precision::fit(past, self.vectors, &self.config.linear)?,
        };
        Ok(linear::ease(precision, &self.config.linear))
    }

    fn transition(
        &self,
        past: &PurchaseLog,
        linear: &mut Linear,
    ) -> Result<DenseItems, TrainingError> {
        if let Some(transition) = linear.transition.take() {
            return Ok(transition);
        }
        let precision = Precision::fit(past, self.vectors, &self.config.linear)?;
        let transition = linear::transition(&precision, past, &self.config.linear);
        linear.precision = Some(precision);
        Ok(transition)
    }
}

/// What the two linear models share while they are made.
#[derive(Default)]
struct Linear {
    precision: Option<Precision>,
    transition: Option<DenseItems>,
}

/// A fitted part.
#[expect(clippy::large_enum_variant, reason = "a teacher has a dozen of them")]
pub enum PartModel {
    /// [`PartKind::PopRec`].
    PopRec(PopRec),
    /// [`PartKind::RecentPop`].
    RecentPop(RecentPop),
    /// [`PartKind::Frequency`] and [`PartKind::FadedFrequency`].
    Frequency(PersonalFrequency),
    /// [`PartKind::ShopperKnn`].
    ShopperKnn(ShopperKnn),
    /// [`PartKind::TifuKnn`].
    TifuKnn(TifuKnn),
    /// [`PartKind::Repeat`].
    Repeat(RepeatModel),
    /// [`PartKind::Features`].
    Features(Features),
    /// [`PartKind::ItemKnn`].
    ItemKnn(ItemKnn),
    /// [`PartKind::TwoHop`].
    TwoHop(TwoHop),
    /// [`PartKind::Titles`].
    Titles(TextSimilarity),
    /// [`PartKind::PureSvd`].
    PureSvd(PureSvd),
    /// [`PartKind::Ease`] and [`PartKind::Transition`], as fitted.
    Dense(DenseItems),
    /// [`PartKind::LocalEase`], and the others as read from disk.
    Sparse(SparseItems),
}

impl PartModel {
    fn scorer(&self) -> &dyn Scorer {
        match self {
            Self::PopRec(part) => part,
            Self::RecentPop(part) => part,
            Self::Frequency(part) => part,
            Self::ShopperKnn(part) => part,
            Self::TifuKnn(part) => part,
            Self::Repeat(part) => part,
            Self::Features(part) => part,
            Self::ItemKnn(part) => part,
            Self::TwoHop(part) => part,
            Self::Titles(part) => part,
            Self::PureSvd(part) => part,
            Self::Dense(part) => part,
            Self::Sparse(part) => part,
        }
    }
}

impl Scorer for PartModel {
    fn score(
        &self,
        histories: &[&[PastPurchase]],
        now_seconds: i64,
    ) -> Result<Vec<f32>, TrainingError> {
        self.scorer().score(histories, now_seconds)
    }
}

/// The linear model of features as a part.
pub struct Features(pub FeatureModel);

impl Scorer for Features {
    fn score(
        &self,
        histories: &[&[PastPurchase]],
        now_seconds: i64,
    ) -> Result<Vec<f32>, TrainingError> {
        let rows: Vec<Vec<f32>> =
            histories.par_iter().map(|history| self.0.score(history, now_seconds)).collect();
        Ok(rows.concat())
    }
}

/// Parts as they are combined: what is fused, and what is bought again.
pub(super) fn combined(parts: &[(PartKind, Arc<PartModel>)]) -> Parts {
    let (mut fused, mut repeat) = (Vec::new(), None);
    for (kind, model) in parts {
        let model: Arc<dyn Scorer> = Arc::clone(model) as _;
        match kind {
            PartKind::Repeat => repeat = Some(model),
            kind => fused.push((kind.title().to_owned(), model)),
        }
    }
    Parts { fused, repeat }
}
