//! The page of the shop.

fn main() {
    vitrine_web::shop();
}
