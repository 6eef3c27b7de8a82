//! The page of the Studio.

fn main() {
    vitrine_web::studio();
}
