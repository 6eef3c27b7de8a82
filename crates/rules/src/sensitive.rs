//! Names of groups of products that say too much of whoever buys them to be a condition of an
//! audience. The words err on the side of refusing; a shop's own list is asked besides them.

use crate::text::folded_name;

/// Parts of words that are sensitive wherever they stand in a name, folded; a language a line.
/// Health, pregnancy, sexuality, addiction, religion, politics, origin.
const SENSITIVE: &[(&str, &[&str])] = &[
    (
        "en",
        &[
            "health",
            "medic",
            "pharma",
            "prescription",
            "remed",
            "first aid",
            "pain relief",
            "cold flu",
            "allerg",
            "diabet",
            "incontinen",
            "vitamin",
            "supplement",
            "disab",
            "hearing aid",
            "mobility aid",
            "weight loss",
            "slimming",
            "depress",
            "anxiety",
            "sleep aid",
            "pregnan",
            "fertilit",
            "ovulation",
            "maternity",
            "contracept",
            "condom",
            "personal lubricant",
            "sexual",
            "intimate",
            "erotic",
            "adult toy",
            "lgbt",
            "hiv test",
            "menstru",
            "menopaus",
            "feminine care",
            "feminine hygiene",
            "alcohol",
            "tobacco",
            "cigar",
            "nicotine",
            "smoking",
            "cannabis",
            "cbd",
            "gambling",
            "relig",
            "bible",
            "quran",
            "kosher",
            "halal",
            "politic",
            "trade union",
            "ethnic",
        ],
    ),
    (
        "de",
        &[
            "gesundheit",
            "medizin",
            "arznei",
            "apothek",
            "heilmittel",
            "erste hilfe",
            "schmerz",
            "erkaltung",
            "inkontinenz",
            "vitamine",
            "nahrungserganzung",
            "behinder",
            "horgerat",
            "abnehm",
            "diatprodukt",
            "schwanger",
            "fruchtbarkeit",
            "umstandsmode",
            "verhutung",
            "kondom",
            "gleitgel",
            "sexuell",
            "intim",
            "erotik",
            "monatshygiene",
            "damenhygiene",
            "wechseljahre",
            "alkohol",
            "tabak",
            "zigar",
            "nikotin",
            "raucherentwohn",
            "hanf",
            "glucksspiel",
            "bibel",
            "koran",
            "koscher",
            "partei",
            "gewerkschaft",
        ],
    ),
    (
        "zh",
        &[
            "健康",
            "保健",
            "医药",
            "药品",
            "医疗",
            "处方",
            "急救",
            "止痛",
            "感冒",
            "过敏",
            "糖尿",
            "失禁",
            "维生素",
            "残疾",
            "助听",
            "减肥",
            "怀孕",
            "孕妇",
            "孕产",
            "备孕",
            "避孕",
            "安全套",
            "情趣",
            "成人用品",
            "私处",
            "卫生巾",
            "更年期",
            "酒精",
            "烟草",
            "香烟",
            "电子烟",
            "尼古丁",
            "戒烟",
            "赌博",
            "宗教",
            "圣经",
            "古兰",
            "清真",
            "政治",
            "工会",
            "民族",
        ],
    ),
];

/// Whether a name of a department, category or brand is sensitive: by a word of any language,
/// or because the shop never recommends what is called so (compared without case and accents).
pub fn is_sensitive(name: &str, never_recommended: &[String]) -> bool {
    let name = folded_name(name);
    SENSITIVE.iter().any(|(_, words)| words.iter().any(|word| name.contains(word)))
        || never_recommended.iter().any(|never| folded_name(never) == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sensitive_names_are_known_in_each_language() {
        for name in
            ["Health & Beauty", "COLD & FLU", "Schwangerschaft", "Hörgeräte", "避孕用品", "Tobacco"]
        {
            assert!(is_sensitive(name, &[]), "{name}");
        }
        for name in ["Coffee", "Milk", "Haushalt", "饼干", "Unisex shirts", "Grapes", ""] {
            assert!(!is_sensitive(name, &[]), "{name}");
        }
    }

    #[test]
    fn the_shop_names_more() {
        let own = ["Beers & Ales".to_owned()];
        assert!(is_sensitive("beers ales", &own));
        assert!(!is_sensitive("Ales", &own));
    }

    #[test]
    fn the_words_are_as_names_are_compared() {
        for word in SENSITIVE.iter().flat_map(|(_, words)| *words) {
            assert_eq!(folded_name(word), *word);
        }
    }
}
