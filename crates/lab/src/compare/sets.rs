//! The data sets that models are compared on.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use vitrine_domain::{Item, ItemId};
use vitrine_evaluation::poison::Attack;
use vitrine_evaluation::protocol::{Window, Windows};
use vitrine_evaluation::published::PublishedFigure;
use vitrine_evaluation::sequences::ItemText;
use vitrine_evaluation::{ReportSubject, SequenceSet};
use vitrine_graph::{Builder, Graph, Relation};
use vitrine_ranking::PurchaseLog;
use vitrine_server::catalogue::with_interactions;
use vitrine_server::commands::graph::facts;
use vitrine_server::commands::source;
use vitrine_server::settings::ServerSettings;
use vitrine_training::next::linear::DENSE_ITEMS_MAX;
use vitrine_training::next::student::Shelf;
use vitrine_training::next::{Split, TargetRule, Task};
use vitrine_training::teacher::windows;

use super::online_retail;
use super::published::AMAZON_BEAUTY;
use crate::cli::{SetArgs, SetName};

/// A data set.
pub struct EvaluationSet {
    name: String,
    published: &'static [PublishedFigure],
    splitting: Splitting,
    /// Everything that happened.
    pub log: PurchaseLog,
    /// The items, with department and category.
    pub items: Vec<Item>,
    /// Text by item; empty where there is none.
    pub texts: Vec<String>,
    /// What a device would know of the items.
    pub shelf: Shelf,
    /// Names that items share; nothing that was counted over a log.
    pub graph: Graph,
    /// Made-up sessions among those that models are fitted on.
    pub poison: Option<Attack>,
}

/// How it is split.
#[derive(Clone, Copy, Debug)]
pub enum Splitting {
    LeaveOneOut,
    /// Windows and what is asked for in them.
    Time(Windows, TargetRule),
}

impl EvaluationSet {
    /// The set that the arguments name.
    ///
    /// # Errors
    /// Its files are not there or cannot be read.
    pub fn open(settings: &ServerSettings, args: &SetArgs) -> Result<Self> {
        match (args.set, &args.data) {
            (Some(SetName::Beauty), _) => beauty(),
            (Some(SetName::OnlineRetail), _) => online_retail(),
            (Some(SetName::Imported), _) => imported(settings),
            (None, Some(folder)) => sequences(folder),
            (None, None) => bail!("name a data set, or a folder with --data"),
        }
    }

    /// Name of the data set.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What models are fitted on and asked.
    ///
    /// # Errors
    /// There is nothing to be poisoned.
    pub fn task(&self, split: Split) -> Result<Task> {
        let mut task = match self.splitting {
            Splitting::LeaveOneOut => Task::leave_one_out(&self.log, split),
            Splitting::Time(windows, rule) => {
                let window: Window = match split {
                    Split::Validation => windows.validation,
                    Split::Test => windows.test,
                };
                Task::time_split(&self.log, window, rule)
            }
        };
        if let Some(attack) = self.poison {
            task.poison(attack)?;
        }
        Ok(task)
    }

    /// Tasks of the windows before validation, newest first, as far as enough of the log
    /// comes before them; none where nothing has a time.
    pub fn earlier_tasks(&self) -> Result<Vec<Task>> {
        let Splitting::Time(Windows { validation, .. }, rule) = self.splitting else {
            return Ok(Vec::new());
        };
        let earlier = windows::earlier(&self.log, validation).into_iter();
        earlier
            .map(|window| {
                let mut task = Task::time_split(&self.log, window, rule);
                if let Some(attack) = self.poison {
                    task.poison(attack)?;
                }
                Ok(task)
            })
            .collect()
    }

    /// Whether the test split leaves more to be fitted on than the validation split.
    pub fn is_by_time(&self) -> bool {
        matches!(self.splitting, Splitting::Time(..))
    }

    /// Seconds of a window and what is asked for in it, where time splits.
    pub fn window(&self) -> Option<(i64, TargetRule)> {
        match self.splitting {
            Splitting::LeaveOneOut => None,
            Splitting::Time(Windows { validation, .. }, rule) => {
                Some((validation.end_seconds - validation.start_seconds, rule))
            }
        }
    }

    /// Whether shoppers are asked again for what they had.
    pub fn has_repeats(&self) -> bool {
        self.is_by_time()
    }

    /// Whether the dense item-to-item models fit into memory.
    pub fn fits_dense(&self) -> bool {
        self.log.n_items() <= DENSE_ITEMS_MAX
    }

    /// Whether any item has a text.
    pub fn has_texts(&self) -> bool {
        self.texts.iter().any(|text| !text.is_empty())
    }

    /// What a report on it says it is.
    pub fn subject(&self, split: Split) -> ReportSubject<'_> {
        let protocol = match (self.splitting, split) {
            (Splitting::LeaveOneOut, Split::Test) => {
                "Leave-one-out: the last item of each sequence is asked for, after all before \
                 it; models are fitted without the last two; seen items are masked"
            }
            (Splitting::LeaveOneOut, Split::Validation) => {
                "Leave-one-out, VALIDATION: the last but one item of each sequence is asked \
                 for; seen items are masked"
            }
            (Splitting::Time(_, TargetRule::NextBasket), Split::Test) => {
                "Time split: the first basket of the last month is asked for"
            }
            (Splitting::Time(_, TargetRule::NextBasket), Split::Validation) => {
                "Time split, VALIDATION: the first basket of the last month but one is asked for"
            }
            (Splitting::Time(_, TargetRule::WholeWindow), Split::Test) => {
                "Time split: what was bought in the last four weeks is asked for"
            }
            (Splitting::Time(_, TargetRule::WholeWindow), Split::Validation) => {
                "Time split, VALIDATION: what was bought in the four weeks before the last four \
                 is asked for"
            }
        };
        ReportSubject { set: &self.name, protocol, published: self.published }
    }
}

/// The folder of a named data set.
pub(crate) fn evaluation_data(name: &str) -> Result<PathBuf> {
    let base = env::var_os("VITRINE_EVAL_DATA")
        .map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from);
    let folder = base.join(name);
    ensure!(
        folder.is_dir(),
        "{} is not there: set VITRINE_EVAL_DATA to the folder that has {name}",
        folder.display()
    );
    Ok(folder)
}

/// Amazon Beauty 2014.
fn beauty() -> Result<EvaluationSet> {
    let mut set = sequences(&evaluation_data("amazon-beauty")?)?;
    set.name = "Amazon Beauty 2014, 5-core".to_owned();
    set.published = AMAZON_BEAUTY;
    Ok(set)
}

/// Sequences have an order and no times: to a device their entries are a day apart.
const STEP_MS: i64 = 86_400_000;

/// The sequences of any folder.
fn sequences(folder: &Path) -> Result<EvaluationSet> {
    let set = SequenceSet::read(folder)?;
    let log = PurchaseLog::of_sequences(set.items.len(), &set.sequences)?;
    let departments: Vec<&str> = set.items.iter().map(source::department).collect();
    let categories: Vec<&str> = set.items.iter().map(source::category).collect();
    let shelf = Shelf::new(&departments, &categories, STEP_MS);
    let graph = named(&set.items)?;
    let item = |(n, department): (usize, &&str)| Item {
        id: ItemId(n as u64),
        department: (*department).to_owned(),
        category: categories[n].to_owned(),
        ..Item::default()
    };
    let items = departments.iter().enumerate().map(item).collect();
    Ok(EvaluationSet {
        items,
        name: folder.display().to_string(),
        published: &[],
        splitting: Splitting::LeaveOneOut,
        log,
        texts: set.items.into_iter().map(|item| item.title).collect(),
        shelf,
        graph,
        poison: None,
    })
}

/// Brands and categories of a data set of sequences.
fn named(items: &[ItemText]) -> Result<Graph> {
    let mut builder = Builder::new(u32::try_from(items.len())?);
    for (n, item) in (0..).zip(items) {
        builder.named(n, Relation::Brand, &item.brand)?;
        for name in item.categories.iter().flatten() {
            builder.named(n, Relation::Category, name)?;
        }
    }
    Ok(builder.build()?)
}

/// UCI Online Retail.
fn online_retail() -> Result<EvaluationSet> {
    let folder = evaluation_data("online-retail")?;
    let orders = online_retail::read(&folder)?;
    let ids: Vec<ItemId> = (0..orders.descriptions.len() as u64).map(ItemId).collect();
    Ok(EvaluationSet {
        name: "UCI Online Retail".to_owned(),
        published: &[],
        splitting: Splitting::Time(orders.windows, TargetRule::NextBasket),
        log: PurchaseLog::new(&ids, &orders.lines)?,
        items: ids.iter().map(|id| Item { id: *id, ..Item::default() }).collect(),
        shelf: Shelf::new(&vec![""; ids.len()], &vec![""; ids.len()], 1_000),
        texts: orders.descriptions,
        graph: Builder::new(u32::try_from(ids.len())?).build()?,
        poison: None,
    })
}

/// The shop that was imported.
fn imported(settings: &ServerSettings) -> Result<EvaluationSet> {
    let (catalogue, interactions) = with_interactions(settings)?;
    let ids: Vec<ItemId> = catalogue.items.iter().map(|item| item.id).collect();
    let log = PurchaseLog::new(&ids, &interactions)?;
    let of = |name: fn(&Item) -> &str| catalogue.items.iter().map(name).collect::<Vec<&str>>();
    let (departments, categories) = (of(|item| &item.department), of(|item| &item.category));
    let last = log.last_seconds().context("the interaction log is empty")?;
    Ok(EvaluationSet {
        name: catalogue.shop,
        published: &[],
        splitting: Splitting::Time(Windows::ending_at(last), TargetRule::WholeWindow),
        log,
        texts: catalogue.items.iter().map(Item::text).collect(),
        shelf: Shelf::new(&departments, &categories, 1_000),
        graph: facts(&catalogue.items)?.build()?,
        items: catalogue.items,
        poison: None,
    })
}

#[cfg(test)]
mod tests {
    use vitrine_domain::calendar::DAY_SECONDS;
    use vitrine_domain::{EventKind, Interaction, ShopperId};
    use vitrine_evaluation::protocol::WINDOW_SECONDS;

    use super::*;

    /// A hundred shoppers who buy every week of a year, but the last.
    fn yearly(n_items: u64) -> EvaluationSet {
        let lines: Vec<Interaction> = (0..100u32)
            .flat_map(|shopper| (0..52).map(move |week| (shopper, week)))
            .map(|(shopper, week)| Interaction {
                shopper: ShopperId(shopper),
                item: ItemId(u64::from(shopper * 7 + week) % n_items),
                kind: EventKind::Purchase,
                at_seconds: i64::from(week) * 7 * DAY_SECONDS,
                basket: shopper * 100 + week,
                quantity: 1,
                price_minor: 0,
            })
            .collect();
        let ids: Vec<ItemId> = (0..n_items).map(ItemId).collect();
        let log = PurchaseLog::new(&ids, &lines).expect("distinct");
        let last = log.last_seconds().expect("not empty");
        let none = vec![""; ids.len()];
        EvaluationSet {
            name: "a year".to_owned(),
            published: &[],
            splitting: Splitting::Time(Windows::ending_at(last), TargetRule::WholeWindow),
            log,
            items: ids.iter().map(|id| Item { id: *id, ..Item::default() }).collect(),
            texts: Vec::new(),
            shelf: Shelf::new(&none, &none, 1_000),
            graph: Builder::new(n_items as u32).build().expect("nothing"),
            poison: None,
        }
    }

    #[test]
    fn earlier_windows_end_where_the_next_begins_and_see_nothing_of_it() {
        let mut set = yearly(40);
        let validation = set.task(Split::Validation).expect("a task");
        let mut end = validation.fit.last_seconds().expect("not empty") + 1;
        let tasks = set.earlier_tasks().expect("tasks");
        assert_eq!(tasks.len(), 3);
        for task in &tasks {
            let last = task.fit.last_seconds().expect("not empty");
            assert!(last < end && end - last <= WINDOW_SECONDS + 7 * DAY_SECONDS);
            assert_eq!(task.cases.len(), 100);
            assert!(task.fit.entries().len() < validation.fit.entries().len());
            end = last + 1;
        }
        let attack =
            Attack { share: 0.5, filler: vitrine_evaluation::poison::Filler::Random, seed: 1 };
        set.poison = Some(attack);
        let poisoned = set.earlier_tasks().expect("tasks");
        assert_eq!(poisoned[0].fit.n_shoppers(), 150, "made-up sessions are there, too");
        // Item matrices of that size are for one window only.
        assert!(yearly(12_000).earlier_tasks().expect("none").is_empty());
    }
}
