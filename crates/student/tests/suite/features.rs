use vitrine_domain::{EventKind, ItemId};
use vitrine_student::{
    CatalogueScale, ItemRow, ItemTable, LogEntry, N_SCALARS, Shopper, Weights, features,
};

const DAY_MS: i64 = 86_400_000;
const NOW_MS: i64 = 1_000 * DAY_MS;

fn row(id: u64, department: u16, category: u16) -> ItemRow {
    ItemRow {
        id: ItemId(id),
        code: [0; 64],
        department,
        category,
        price_minor: 100,
        n_buyers: 10,
        n_buyers_recent: 5,
    }
}

fn entry(row: &ItemRow, kind: EventKind, at_ms: i64) -> LogEntry {
    let (code, department, category) = (row.code, row.department, row.category);
    LogEntry { kind, item: row.id, at_ms, code, department, category }
}

fn scalars(table: &ItemTable, log: &[LogEntry], index: u32) -> [f32; N_SCALARS] {
    let mut shopper = Shopper::new();
    log.iter().for_each(|entry| shopper.record(*entry));
    let mut out = [9.0; N_SCALARS];
    features::dynamic(table, &shopper, NOW_MS, &[index], Some(&[0.75]), &mut out);
    out
}

fn close(value: f32, expected: f64) {
    assert!((f64::from(value) - expected).abs() < 1e-6, "{value} instead of {expected}");
}

fn table(rows: &[ItemRow]) -> ItemTable {
    ItemTable::from_rows(&Weights::zeros(1.0), CatalogueScale::of(rows, 100), rows.to_vec())
}

#[test]
fn static_scalars_follow_popularity_and_price() {
    let mut rows = vec![row(1, 0, 0), row(2, 0, 0), row(3, 0, 0)];
    rows[0].n_buyers = 99;
    rows[1].price_minor = 1_000;
    rows[2].price_minor = 0;
    let table = table(&rows);
    close(table.static_scalars(0)[0], 1.0);
    close(table.static_scalars(1)[0], 11f64.ln() / 100f64.ln());
    close(table.static_scalars(1)[1], 1.0);
    close(table.static_scalars(1)[2], 10f64.ln() / 3.0);
    close(table.static_scalars(2)[2], 0.0);
    let cheap = ItemRow { price_minor: 1, ..row(9, 0, 0) };
    let scale = CatalogueScale { price_minor_median: 1_000, ..CatalogueScale::default() };
    assert_eq!(features::static_scalars(&scale, &cheap), [0.0, 0.0, -1.0]);
}

#[test]
fn purchases_count_decay_and_recur() {
    let rows = [row(1, 3, 4), row(2, 3, 5)];
    let table = table(&rows);
    let log = [
        entry(&rows[0], EventKind::Purchase, NOW_MS - 60 * DAY_MS),
        entry(&rows[0], EventKind::Purchase, NOW_MS - 30 * DAY_MS),
    ];
    let own = scalars(&table, &log, 0);
    close(own[3], 3f64.ln() / 4.0);
    close(own[4], 1.75f64.ln() / 2.0);
    close(own[5], (-30f64 / 7.0).exp());
    close(own[6], (-0.5f64).exp());
    close(own[7], 1.0);
    close(own[8], 0.25);
    close(own[11], 1.0);
    close(own[12], 1.0);
    close(own[13], 1.0);
    close(own[14], 0.75);
    let other = scalars(&table, &log, 1);
    assert_eq!(other[3..11], [0.0; 8]);
    close(other[11], 1.0);
    close(other[12], 0.0);
}

#[test]
fn views_fade_within_hours_and_the_basket_is_followed() {
    let rows = [row(1, 0, 0)];
    let table = table(&rows);
    let hour_ms = DAY_MS / 24;
    let mut log = vec![
        entry(&rows[0], EventKind::ViewItem, NOW_MS - 12 * hour_ms),
        entry(&rows[0], EventKind::AddToCart, NOW_MS - hour_ms),
    ];
    let own = scalars(&table, &log, 0);
    close(own[9], 1.25f64.ln() / 2.0);
    close(own[10], 1.0);
    log.push(entry(&rows[0], EventKind::RemoveFromCart, NOW_MS));
    close(scalars(&table, &log, 0)[10], 0.0);
    log.push(entry(&rows[0], EventKind::AddToCart, NOW_MS));
    log.push(entry(&rows[0], EventKind::Purchase, NOW_MS));
    close(scalars(&table, &log, 0)[10], 0.0);
}

#[test]
fn shares_weigh_recent_events_more_and_lately_means_twenty() {
    let rows = [row(1, 1, 1), row(2, 2, 2)];
    let table = table(&rows);
    let mut log = vec![
        entry(&rows[0], EventKind::Purchase, NOW_MS - 30 * DAY_MS),
        entry(&rows[1], EventKind::ViewItem, NOW_MS),
    ];
    close(scalars(&table, &log, 0)[11], 1.0 / 3.0);
    close(scalars(&table, &log, 1)[12], 2.0 / 3.0);
    close(scalars(&table, &log, 0)[13], 0.5);
    log.extend([entry(&rows[1], EventKind::RemoveFromCart, NOW_MS); 19]);
    close(scalars(&table, &log, 0)[11], 1.0 / 3.0);
    close(scalars(&table, &log, 0)[13], 0.0);
    close(scalars(&table, &log, 1)[13], 1.0);
}

#[test]
fn related_strength_adds_up_over_the_last_twenty_cards() {
    let rows: Vec<ItemRow> = (0..30).map(|id| row(id, 0, 0)).collect();
    let mut table = table(&rows);
    table.set_related(&[
        (ItemId(1), vec![(ItemId(0), 255), (ItemId(99), 255)]),
        (ItemId(2), vec![(ItemId(0), 51)]),
    ]);
    let mut log: Vec<LogEntry> =
        [1, 2, 1].map(|i| entry(&rows[i], EventKind::ViewItem, NOW_MS)).to_vec();
    close(scalars(&table, &log, 0)[15], 2.2f64.ln());
    close(scalars(&table, &log, 3)[15], 0.0);
    log.extend(rows[10..29].iter().map(|row| entry(row, EventKind::ViewItem, NOW_MS)));
    close(scalars(&table, &log, 0)[15], 2f64.ln());
    log.push(entry(&rows[29], EventKind::ViewItem, NOW_MS));
    close(scalars(&table, &log, 0)[15], 0.0);
}

#[test]
fn an_empty_log_and_a_clock_set_back_stay_finite() {
    let rows = [row(1, 0, 0)];
    let table = table(&rows);
    assert_eq!(scalars(&table, &[], 0)[3..14], [0.0; 11]);
    let log = [
        entry(&rows[0], EventKind::Purchase, NOW_MS + 50 * DAY_MS),
        entry(&rows[0], EventKind::Purchase, NOW_MS - 900 * DAY_MS),
        entry(&rows[0], EventKind::ViewItem, i64::MIN),
        entry(&rows[0], EventKind::ViewItem, i64::MAX),
    ];
    let own = scalars(&table, &log, 0);
    assert!(own.iter().all(|value| value.is_finite() && (0.0..=4.0).contains(value)), "{own:?}");
}
