//! `t!`, `n!` and `around!` of each catalogue. They are exported at the root of the crate, as
//! macros are, and named again in the modules of their catalogues.

/// The text of a key in a catalogue, with values in the places of their names.
#[doc(hidden)]
#[macro_export]
macro_rules! text_of {
    ($of:ident, $key:literal $(,)?) => {
        $crate::$of::CATALOGUE.say(const { $crate::place($crate::$of::KEYS, $key, false) })
    };
    ($of:ident, $key:literal, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::$of::CATALOGUE.fill(
            const { $crate::place($crate::$of::KEYS, $key, false) },
            &[$((stringify!($name), &$value as &dyn ::std::fmt::Display)),+],
        )
    };
}

/// The text of a number of things in a catalogue.
#[doc(hidden)]
#[macro_export]
macro_rules! count_of {
    ($of:ident, $key:literal, $n:expr $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::$of::CATALOGUE.count(
            const { $crate::place($crate::$of::KEYS, $key, true) },
            ($n) as u64,
            &[$((stringify!($name), &$value as &dyn ::std::fmt::Display)),*],
        )
    };
}

/// The text before and behind its only place in a catalogue.
#[doc(hidden)]
#[macro_export]
macro_rules! around_of {
    ($of:ident, $key:literal) => {
        $crate::$of::CATALOGUE.around(const { $crate::place($crate::$of::KEYS, $key, false) })
    };
}

/// The text of a key in the language in use: `t!("key", name = value)`.
#[macro_export]
macro_rules! common_t {
    ($($all:tt)+) => { $crate::text_of!(common, $($all)+) };
}

/// The text of a number of things in the language in use: `n!("key", n, name = value)`.
#[macro_export]
macro_rules! common_n {
    ($($all:tt)+) => { $crate::count_of!(common, $($all)+) };
}

/// The text before and behind the only place of a key: `around!("key")`.
#[macro_export]
macro_rules! common_around {
    ($($all:tt)+) => { $crate::around_of!(common, $($all)+) };
}

/// The text of a key in the language in use: `t!("key", name = value)`.
#[macro_export]
macro_rules! session_t {
    ($($all:tt)+) => { $crate::text_of!(session, $($all)+) };
}

/// The text of a number of things in the language in use: `n!("key", n, name = value)`.
#[macro_export]
macro_rules! session_n {
    ($($all:tt)+) => { $crate::count_of!(session, $($all)+) };
}

/// The text of a key in the language in use: `t!("key", name = value)`.
#[macro_export]
macro_rules! shop_t {
    ($($all:tt)+) => { $crate::text_of!(shop, $($all)+) };
}

/// The text of a number of things in the language in use: `n!("key", n, name = value)`.
#[macro_export]
macro_rules! shop_n {
    ($($all:tt)+) => { $crate::count_of!(shop, $($all)+) };
}

/// The text before and behind the only place of a key: `around!("key")`.
#[macro_export]
macro_rules! shop_around {
    ($($all:tt)+) => { $crate::around_of!(shop, $($all)+) };
}

/// The text of a key in the language in use: `t!("key", name = value)`.
#[macro_export]
macro_rules! studio_t {
    ($($all:tt)+) => { $crate::text_of!(studio, $($all)+) };
}

/// The text of a number of things in the language in use: `n!("key", n, name = value)`.
#[macro_export]
macro_rules! studio_n {
    ($($all:tt)+) => { $crate::count_of!(studio, $($all)+) };
}
