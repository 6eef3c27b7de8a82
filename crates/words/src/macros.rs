//! `t!` and `n!` of each catalogue. They are exported at the root of the crate, as macros are,
//! and named again in the modules of their catalogues.

/// The text of a key in a catalogue, with values in the places of their names.
#[doc(hidden)]
#[macro_export]
macro_rules! text_of {
    ($catalogue:expr, $key:literal $(,)?) => { $catalogue.say($key) };
    ($catalogue:expr, $key:literal, $($place:ident = $value:expr),+ $(,)?) => {
        $catalogue.fill($key, &[$((stringify!($place), &$value as &dyn ::std::fmt::Display)),+])
    };
}

/// The text of a number of things in a catalogue.
#[doc(hidden)]
#[macro_export]
macro_rules! count_of {
    ($catalogue:expr, $key:literal, $n:expr $(, $place:ident = $value:expr)* $(,)?) => {
        $catalogue.count(
            $key,
            ($n) as u64,
            &[$((stringify!($place), &$value as &dyn ::std::fmt::Display)),*],
        )
    };
}

/// The text of a key in the language in use: `t!("key", place = value)`.
#[macro_export]
macro_rules! common_t {
    ($($all:tt)+) => { $crate::text_of!($crate::common::CATALOGUE, $($all)+) };
}

/// The text of a number of things in the language in use: `n!("key", n, place = value)`.
#[macro_export]
macro_rules! common_n {
    ($($all:tt)+) => { $crate::count_of!($crate::common::CATALOGUE, $($all)+) };
}

/// The text of a key in the language in use: `t!("key", place = value)`.
#[macro_export]
macro_rules! shop_t {
    ($($all:tt)+) => { $crate::text_of!($crate::shop::CATALOGUE, $($all)+) };
}

/// The text of a number of things in the language in use: `n!("key", n, place = value)`.
#[macro_export]
macro_rules! shop_n {
    ($($all:tt)+) => { $crate::count_of!($crate::shop::CATALOGUE, $($all)+) };
}

/// The text of a key in the language in use: `t!("key", place = value)`.
#[macro_export]
macro_rules! studio_t {
    ($($all:tt)+) => { $crate::text_of!($crate::studio::CATALOGUE, $($all)+) };
}

/// The text of a number of things in the language in use: `n!("key", n, place = value)`.
#[macro_export]
macro_rules! studio_n {
    ($($all:tt)+) => { $crate::count_of!($crate::studio::CATALOGUE, $($all)+) };
}
