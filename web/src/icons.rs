//! Line icons of the frame, drawn for this shop. All are decoration: the words
//! beside them, or the label of their button, say what they mean.

use leptos::prelude::*;

pub const SEARCH: &str = r#"<circle cx="11" cy="11" r="6.500"/><path d="m16 16 4.500 4.500"/>"#;
pub const BASKET: &str = r#"<path d="M4 9h16l-1.600 9.200a2 2 0 0 1-2 1.800H7.600a2 2 0 0 1-2-1.800zM8.500 9 11 4M15.500 9 13 4"/>"#;
pub const CAMERA: &str = r#"<path d="M4 8.500a1.500 1.500 0 0 1 1.500-1.500H8l1.500-2.500h5L16 7h2.500A1.500 1.500 0 0 1 20 8.500v9a1.500 1.500 0 0 1-1.500 1.500h-13A1.500 1.500 0 0 1 4 17.500z"/><circle cx="12" cy="13" r="3.400"/>"#;
pub const SPEECH: &str = r#"<path d="M5 5.500h14a1.500 1.500 0 0 1 1.500 1.500v8a1.500 1.500 0 0 1-1.500 1.500h-7L7.500 20v-3.500H5A1.500 1.500 0 0 1 3.500 15V7A1.500 1.500 0 0 1 5 5.500z"/><path d="M8 9.500h8M8 12.500h5"/>"#;
pub const SHIELD: &str = r#"<path d="M12 3.500 5 6v5.500c0 4.300 2.900 7.600 7 9 4.100-1.400 7-4.700 7-9V6z"/><path d="m9 12 2.200 2.200L15 10.400"/>"#;
pub const PACKAGE: &str = r#"<path d="M12 3.500 4.500 7.200v9.600l7.500 3.700 7.500-3.700V7.200zM4.500 7.200 12 11l7.500-3.800M12 11v9.500M8.200 5.400l7.500 3.800"/>"#;
pub const HEART: &str = r#"<path d="M12 20 4.800 12.600a4.600 4.600 0 0 1 6.500-6.500l.7.700.7-.700a4.600 4.600 0 0 1 6.500 6.500z"/>"#;
pub const CROSS: &str = r#"<path d="m6.500 6.500 11 11M17.500 6.500l-11 11"/>"#;
pub const NEXT: &str = r#"<path d="m9 5 7 7-7 7"/>"#;
pub const PREVIOUS: &str = r#"<path d="m15 5-7 7 7 7"/>"#;
pub const PLUS: &str = r#"<path d="M12 5v14M5 12h14"/>"#;

/// One of the icons above, in the colour of the text.
#[component]
pub fn Icon(shapes: &'static str) -> impl IntoView {
    view! {
        <svg
            viewBox="0 0 24 24"
            fill="none"
            stroke="currentColor"
            stroke-width="1.9"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
            inner_html=shapes
        ></svg>
    }
}

/// The mark of the shop: a glass with something in it.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg
            viewBox="0 0 64 64"
            aria-hidden="true"
            inner_html=r##"<rect width="64" height="64" fill="#0b5d4b"/><path d="M13 50h38M17 50V27a15 15 0 0 1 30 0v23" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/><circle cx="32" cy="38" r="7" fill="#f4b740"/>"##
        ></svg>
    }
}
