//! A made-up shop with pictures of its own: good ones, broken ones, and some that are none.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use image::{Rgb, RgbImage};

use crate::shop::vitrine;

const MAPPING: &str = r#"
name = "pictures"
currency = "EUR"
[products]
sku = "id"
title = "title"
description = "description"
department = "department"
price = { column = "price" }
sale_price = { column = "sale_price" }
link = "link"
image_link = "image"
additional_image_links = ["more"]
rating = "rating"
rating_count = "ratings"
"#;

/// Products of the shop, unless a test asks for more.
pub const N_PICTURED: usize = 120;
/// Width and height of the pictures, in pixels.
const SIZE: (u32, u32) = (400, 300);
/// In a shop of more products than [`N_PICTURED`]: most of an import's time is spent on pixels.
const SIZE_OF_MANY: (u32, u32) = (144, 108);

/// A shop whose products have pictures.
pub struct PictureShop {
    /// Its data folder.
    pub data_dir: PathBuf,
    dir: PathBuf,
}

impl PictureShop {
    /// Makes the pictures of so many products, each its own, and imports the shop.
    ///
    /// # Errors
    /// The disk refuses, or the import fails.
    pub fn import(dir: &Path, n_products: usize) -> Result<Self> {
        if dir.exists() {
            fs::remove_dir_all(dir)?;
        }
        fs::create_dir_all(dir.join("img"))?;
        let mut feed = String::from(
            "id,title,description,department,price,sale_price,link,image,more,rating,ratings\n",
        );
        let (width, height) = if n_products > N_PICTURED { SIZE_OF_MANY } else { SIZE };
        for n in 0..n_products {
            let image = match n {
                3 => "img/missing.png".to_owned(),
                4 => "img/script.svg".to_owned(),
                5 => "../outside.png".to_owned(),
                6 => "img/bomb.png".to_owned(),
                _ => format!("img/{n}.png"),
            };
            let more =
                if n % 2 == 0 { format!("img/{}.png", (n + 7) % n_products) } else { "".into() };
            writeln!(
                feed,
                "p{n},Article number {n},Described as {n}.,{},10.00,{},https://shop.example/{n},\
                 {image},{more},4.5,{}",
                ["Tools", "Garden"][n % 2],
                if n % 3 == 0 { "7.50" } else { "" },
                n + 1
            )?;
            let stripes = |x: u32, y: u32| {
                let (hue, green) = ((n * 37 % 256) as u8, (90 + n / 256 * 9 % 160) as u8);
                if (x / 16 + y / 24).is_multiple_of(2) {
                    Rgb([hue, green, 255 - hue])
                } else {
                    Rgb([250; 3])
                }
            };
            RgbImage::from_fn(width, height, stripes).save(dir.join(format!("img/{n}.png")))?;
        }
        fs::write(dir.join("img/script.svg"), "<svg onload='alert(1)'/>")?;
        // A header that was changed to promise 60,000 × 60,000 pixels.
        let mut bomb = fs::read(dir.join("img/0.png"))?;
        bomb.splice(16..24, [0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
        fs::write(dir.join("img/bomb.png"), bomb)?;
        fs::write(dir.join("feed.csv"), feed)?;
        fs::write(dir.join("mapping.toml"), MAPPING)?;
        let shop = Self { data_dir: dir.join("var"), dir: dir.to_owned() };
        shop.import_again(&[])?;
        Ok(shop)
    }

    /// Imports the same feed once more, with further options.
    ///
    /// # Errors
    /// The import fails.
    pub fn import_again(&self, options: &[&str]) -> Result<()> {
        let output = Command::new(vitrine()?)
            .args(["import", "--shop", "Pictures", "--products"])
            .arg(self.dir.join("feed.csv"))
            .arg("--mapping")
            .arg(self.dir.join("mapping.toml"))
            .arg("--data-dir")
            .arg(&self.data_dir)
            .args(options)
            .output()
            .context("starting the import")?;
        let log = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "the import failed:\n{log}");
        for fault in ["1 not found", "1 SVG", "1 outside the picture folder", "1 damaged"] {
            ensure!(log.contains(fault), "the import does not say {fault:?}:\n{log}");
        }
        Ok(())
    }
}
