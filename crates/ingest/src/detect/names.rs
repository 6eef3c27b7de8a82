//! The names that columns of a field have, in English, German, French and Spanish.

use super::guess::Values;

/// A field, what its values must be, and the names that columns of it have: in lower case,
/// without signs, blanks between them, the best first.
pub(super) type Known = (&'static str, Values, &'static str);

/// Fields of a product in the order in which they choose their column.
#[rustfmt::skip]
pub(super) const PRODUCT: &[Known] = &[
    ("sku", Values::Distinct, "sku id productid itemid objectid articlenumber artikelnummer artikelnr \
         artnr reference referencia ref code asin handle"),
    ("title", Values::Text, "title name productname producttitle bezeichnung titel artikelname \
         produktname nom nombre headline producttype"),
    ("item_group_id", Values::Text, "itemgroupid groupid parentid parentsku groupe"),
    ("image_link", Values::Image, "imagelink image imageurl images img picture pictureurl photo bild \
         bildurl poster thumbnail"),
    ("additional_image_links", Values::Image, "additionalimagelink additionalimagelinks additionalimages \
         gallery"),
    ("link", Values::Address, "link url producturl permalink href canonicalurl"),
    ("sale_price", Values::Price, "saleprice specialprice angebotspreis sonderpreis aktionspreis \
         promoprice"),
    ("price", Values::Price, "price regularprice unitprice preis verkaufspreis prix precio amount \
         priceamount listprice"),
    ("category_path", Values::Text, "producttypepath productcategory categorypath breadcrumb breadcrumbs \
         warengruppe kategorie kategorien categories googleproductcategory"),
    ("department", Values::Text, "department abteilung lvl0 hierarchicalcategorieslvl0 section"),
    ("category", Values::Text, "category subcategory categoryname producttype type categorie categoria \
         genres"),
    ("brand", Values::Text, "brand marke vendor marque marca label brandname authorname author"),
    ("manufacturer", Values::Text, "manufacturer maker hersteller fabricant supplier"),
    ("description", Values::Text, "description longdescription shortdescription beschreibung body overview \
         text summary desc"),
    ("size", Values::Text, "size packagesize groesse größe taille grammage"),
    ("availability", Values::Text, "availability instock verfügbarkeit verfuegbarkeit available stockstatus"),
    ("stock", Values::Number, "stock quantity inventory inventoryqty bestand lagerbestand qty \
         stockquantity"),
    ("gtin", Values::Number, "gtin ean upc barcode gtin13 ean13 isbn"),
    ("condition", Values::Text, "condition itemcondition zustand"),
    ("color", Values::Text, "color colour farbe couleur"),
    ("material", Values::Text, "material fabric"),
    ("pattern", Values::Text, "pattern muster"),
    ("gender", Values::Text, "gender geschlecht"),
    ("age_group", Values::Text, "agegroup"),
    ("unit_pricing_measure", Values::Measure, "unitpricingmeasure measure inhalt"),
    ("unit_pricing_base_measure", Values::Measure, "unitpricingbasemeasure grundeinheit"),
    ("rating", Values::Number, "rating averagerating stars ratingvalue bewertung"),
    ("rating_count", Values::Number, "ratingcount reviewcount numreviews reviews bewertungen"),
    ("published_at", Values::Time, "publishedat createdat published releasedate datepublished created"),
];

/// Fields of a line of a log.
#[rustfmt::skip]
pub(super) const LOG: &[Known] = &[
    ("shopper", Values::Text, "userid user shopper shopperid customerid customer visitorid householdid \
         sessionid userpseudoid clientid reader kunde kundennummer"),
    ("timestamp", Values::Time, "timestamp time date datetime at eventtime createdat orderdate \
         transactiontimestamp when datum"),
    ("sku", Values::Text, "sku productid itemid item product articleid article objectid \
         artikelnummer id"),
    ("kind", Values::Text, "event eventname eventtype kind action type what"),
    ("basket", Values::Text, "orderid order basketid basket transactionid bestellung invoice"),
    ("quantity", Values::Number, "quantity qty n count menge amount"),
    ("price", Values::Price, "price unitprice preis"),
];
