//! What the last layer is fitted on, and what it makes of a network.

use vitrine_evaluation::protocol::WINDOW_SECONDS;
use vitrine_student::CODE_DIM;
use vitrine_training::last_layer::HeldOut;

use crate::device::Device;
use crate::run::{finished, run};
use crate::shop::{N_ITEMS, Shop};

#[test]
fn what_is_held_out_is_the_newest_window_of_some_and_nothing_else() {
    let shop = Shop::new(1);
    let data = shop.prepared();
    let until = data.log.last_seconds().expect("purchases") + 1 - WINDOW_SECONDS;
    let held = HeldOut::draw(&data, until, 1);
    assert_eq!(held.shoppers.len(), 80, "of a small shop everyone");
    let rest = held.rest(&data);
    assert_eq!(rest.log.n_shoppers(), data.log.n_shoppers(), "numbers stay");
    for n in 0..data.log.n_shoppers() {
        assert_eq!(rest.log.of(n), data.log.before(n, held.from_seconds), "shopper {n}");
    }
    let some = HeldOut { shoppers: vec![3], ..held };
    let rest = some.rest(&data);
    assert!(rest.log.of(3).len() < data.log.of(3).len());
    assert_eq!(rest.log.of(4), data.log.of(4));
}

#[test]
fn a_network_that_knows_nothing_is_outweighed_by_counting() {
    let shop = Shop::new(2);
    // No step is made: the network is that of random weights.
    let trained = finished(run(&shop, 0, usize::MAX, None).0);
    let layer =
        |model: &vitrine_training::TrainedModel| *model.packed.last_layer().expect("fitted");
    let (full, counting) = (layer(&trained.model), layer(&trained.counting));
    assert!(full.uses_network() && !counting.uses_network());
    assert_ne!(
        trained.model.base, trained.counting.base,
        "what is derived on a device is not mixed"
    );
    // People of both camps are shown their own, which popularity cannot do.
    let share = Device::new(shop.prepared(), &trained).own_camp_share();
    assert!(share > 0.75, "{share}");
    assert_eq!(
        trained.model.codes_for(&shop.prepared().ids, &shop.vectors).len(),
        N_ITEMS * CODE_DIM
    );
}
