//! The browser's clocks.

use std::pin::Pin;

use vitrine_session::Clock;
use web_sys::Performance;

use crate::globals;
use crate::turn::turn;

/// `Date.now()` and `performance.now()`.
#[derive(Clone, Copy, Debug, Default)]
pub struct BrowserClock;

impl Clock for BrowserClock {
    fn now_ms(&self) -> i64 {
        js_sys::Date::now() as i64
    }

    fn monotonic_ms(&self) -> f64 {
        let performance: Option<Performance> = globals::property("performance");
        performance.map_or_else(js_sys::Date::now, |performance| performance.now())
    }

    fn turn(&self) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(turn())
    }
}
