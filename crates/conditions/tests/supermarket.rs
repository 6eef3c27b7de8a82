//! How people ask a supermarket for what something must be free of or may cost, in words
//! alone, against titles that have the same words.

use vitrine_conditions::{Conditions, ReadConditions};
use vitrine_domain::Filters;

const TITLES: [(&str, &str); 14] = [
    ("Peanut butter cookies", "Acme"),
    ("Peanut free cookies", "Safe Bite"),
    ("Gluten free pasta", "Acme"),
    ("Wheat pasta", "Acme"),
    ("Lactose free milk", "Meadow"),
    ("Whole milk", "Meadow"),
    ("Dog food, chicken", "Rex"),
    ("Dog food, no corn", "Rex"),
    ("No sugar added apple sauce", "Acme"),
    ("Sugar free gum", "Chewy"),
    ("Free range eggs", "Meadow"),
    ("Salted butter", "Meadow"),
    ("Decaf coffee", "Bean"),
    ("No name cola", "No Name"),
];

fn read(text: &str, currency: &str) -> (String, Filters) {
    let ReadConditions { text, filters } = Conditions::new(TITLES.into_iter(), currency).read(text);
    let all = filters.iter().fold(Filters::default(), |all, read| all.and(&read.filters));
    (text, all)
}

#[test]
fn what_must_be_absent_is_read_in_all_its_words() {
    for (text, left, names) in [
        ("peanut free cookies", "cookies", &["peanut"][..]),
        ("peanut-free cookies", "cookies", &["peanut"]),
        ("cookies peanut free", "cookies", &["peanut"]),
        ("Peanuts free cookies", "cookies", &["peanut"]),
        ("cookies without peanuts", "cookies", &["peanut"]),
        ("cookies without any peanuts", "cookies", &["peanut"]),
        ("cookies with no peanuts", "cookies", &["peanut"]),
        ("cookies no peanut", "cookies", &["peanut"]),
        ("cookies but not peanut", "cookies", &["peanut"]),
        ("cookies -peanut", "cookies", &["peanut"]),
        ("non peanut cookies", "cookies", &["peanut"]),
        ("cookies free of peanuts", "cookies", &["peanut"]),
        ("cookies free from peanuts and tree nuts", "cookies", &["peanut", "tree nut"]),
        ("peanut and tree nut free cookies", "cookies", &["peanut", "tree nut"]),
        ("cookies peanut allergy", "cookies", &["peanut"]),
        ("nut allergies cookies", "cookies", &["nut"]),
        ("cookies allergic to nuts", "cookies", &["nut"]),
        ("penut free cookies", "cookies", &["peanut"]),
        ("pasta without gluten", "pasta", &["gluten"]),
        ("without gluten pasta", "pasta", &["gluten"]),
        ("gluten free pasta", "pasta", &["gluten"]),
        ("glutenfree pasta", "pasta", &["gluten"]),
        ("pasta w/o gluten", "pasta", &["gluten"]),
        ("lactose-free milk", "milk", &["lactose"]),
        ("milk lactose free", "milk", &["lactose"]),
        ("lactose intolerant milk", "milk", &["lactose"]),
        ("dairy free, egg free cake", "cake", &["dairy", "egg"]),
        ("no sugar gum", "gum", &["sugar"]),
        ("sugarless gum", "gum", &["sugar"]),
        ("eggless cake", "cake", &["egg"]),
        ("nondairy creamer", "creamer", &["dairy"]),
        ("vegan cookies", "cookies", &["animal product"]),
        ("vegetarian pasta", "pasta", &["meat or fish"]),
        ("unsalted butter", "butter", &["salt"]),
        ("zero sugar cola", "cola", &["sugar"]),
        ("apple sauce no sugar added", "apple sauce", &["added sugar"]),
        ("apple sauce without added sugar", "apple sauce", &["added sugar"]),
        ("non-alcoholic beer", "beer", &["alcohol"]),
        ("alcohol free beer", "beer", &["alcohol"]),
        ("caffeine free tea", "tea", &["caffeine"]),
        ("dog food no corn", "dog food", &["corn"]),
        ("shampoo without sulphates or parabens", "shampoo", &["sulfate", "paraben"]),
    ] {
        let (words, filters) = read(text, "USD");
        assert_eq!(filters.free_of, names, "{text}");
        assert_eq!(words.trim_matches([' ', ',']), left, "{text}");
    }
}

#[test]
fn prices_are_read_with_what_else_is_asked() {
    for (text, currency, left, min, max, names) in [
        ("gluten free pasta under 5", "USD", "pasta", None, Some(499), &["gluten"][..]),
        ("pasta under 5 without gluten", "USD", "pasta", None, Some(499), &["gluten"]),
        ("dog food under 20", "USD", "dog food", None, Some(1_999), &[]),
        ("dog food no corn under $20", "USD", "dog food", None, Some(1_999), &["corn"]),
        ("cheese over 10 €", "EUR", "cheese", Some(1_001), None, &[]),
        ("cheese over 10€", "EUR", "cheese", Some(1_001), None, &[]),
        ("lactose-free cheese over 10 €", "EUR", "cheese", Some(1_001), None, &["lactose"]),
        ("wine between 5 and 10 euros", "EUR", "wine", Some(500), Some(1_000), &[]),
        ("coffee less than 7,50 €", "EUR", "coffee", None, Some(749), &[]),
        ("milk at most 2", "USD", "milk", None, Some(200), &[]),
        ("milk for less than 2 dollars", "USD", "milk", None, Some(199), &[]),
    ] {
        let (words, filters) = read(text, currency);
        assert_eq!((filters.price_minor_min, filters.price_minor_max), (min, max), "{text}");
        assert_eq!(filters.free_of, names, "{text}");
        assert_eq!(words, left, "{text}");
    }
}

#[test]
fn brands_are_left_out_and_other_words_stay() {
    let (words, filters) = read("milk not meadow", "USD");
    assert_eq!((words.as_str(), filters.brands_excluded), ("milk", vec!["Meadow".to_owned()]));
    for text in [
        "free range eggs",
        "no name cola",
        "salted butter",
        "decaf coffee",
        "wheat pasta",
        "allergy tablets",
        "buy one get one free",
        "\"peanut free\" cookies",
        "milk 2%",
        "cola 12 pack",
    ] {
        assert_eq!(read(text, "USD"), (text.to_owned(), Filters::default()), "{text}");
    }
}

#[test]
fn german_asks_for_the_same_in_its_own_words() {
    for (text, left, min, max, names) in [
        ("tee unter 20 Euro", "tee", None, Some(1_999), &[][..]),
        ("tee bis 20 €", "tee", None, Some(2_000), &[]),
        ("tee zwischen 50 und 100 Euro", "tee", Some(5_000), Some(10_000), &[]),
        ("tee von 5 bis 10 Euro", "tee", Some(500), Some(1_000), &[]),
        ("tee ab 19,99 €", "tee", Some(1_999), None, &[]),
        ("tee für höchstens 7 Euro", "tee", None, Some(700), &[]),
        ("tee 20 Euro oder weniger", "tee", None, Some(2_000), &[]),
        ("tee über 10 Euro", "tee", Some(1_001), None, &[]),
        ("kekse ohne Nüsse", "kekse", None, None, &["nut"]),
        ("kekse ohne Nüsse oder Eier", "kekse", None, None, &["nut", "egg"]),
        ("laktosefreie Milch", "Milch", None, None, &["lactose"]),
        ("milch laktosefrei", "milch", None, None, &["lactose"]),
        ("glutenfrei nudeln unter 3 Euro", "nudeln", None, Some(299), &["gluten"]),
        ("kekse frei von Erdnüssen", "kekse", None, None, &["peanut"]),
        ("kekse Erdnuss Allergie", "kekse", None, None, &["peanut"]),
        ("bh ohne Bügel", "bh", None, None, &["bügel"]),
        ("vegane kekse", "kekse", None, None, &["animal product"]),
    ] {
        let (words, filters) = read(text, "EUR");
        assert_eq!((filters.price_minor_min, filters.price_minor_max), (min, max), "{text}");
        assert_eq!(filters.free_of, names, "{text}");
        assert_eq!(words, left, "{text}");
    }
    assert_eq!(read("milch nicht meadow", "EUR").1.brands_excluded, ["Meadow"]);
}

#[test]
fn chinese_asks_for_the_same_without_spaces() {
    for (text, left, min, max, names) in [
        ("饼干20元以下", "饼干", None, Some(2_000), &[][..]),
        ("20元以下的饼干", "饼干", None, Some(2_000), &[]),
        ("饼干 100块以内", "饼干", None, Some(10_000), &[]),
        ("饼干 100块钱以内", "饼干", None, Some(10_000), &[]),
        ("手机50到100元", "手机", Some(5_000), Some(10_000), &[]),
        ("手机50-100元", "手机", Some(5_000), Some(10_000), &[]),
        ("手机５０～１００元之间", "手机", Some(5_000), Some(10_000), &[]),
        ("苹果 手机 200元以上", "苹果 手机", Some(20_000), None, &[]),
        ("手机不超过￥２０００", "手机", None, Some(200_000), &[]),
        ("手机低于1.5千元", "手机", None, Some(149_999), &[]),
        ("手机 1万元以上", "手机", Some(1_000_000), None, &[]),
        ("手机价格在3000元以下", "手机", None, Some(300_000), &[]),
        ("饼干 20以下", "饼干", None, Some(2_000), &[]),
        ("饼干不要花生", "饼干", None, None, &["peanut"]),
        ("不要花生的饼干", "饼干", None, None, &["peanut"]),
        ("不含花生和牛奶的饼干", "饼干", None, None, &["peanut", "milk"]),
        ("不含花生、鸡蛋的饼干", "饼干", None, None, &["peanut", "egg"]),
        ("无糖可乐", "可乐", None, None, &["sugar"]),
        ("0糖可乐", "可乐", None, None, &["sugar"]),
        ("无乳糖牛奶", "牛奶", None, None, &["lactose"]),
        ("不含麸质面条 30元以内", "面条", None, Some(3_000), &["gluten"]),
        ("花生过敏 饼干", "饼干", None, None, &["peanut"]),
        ("果酱 无添加糖", "果酱", None, None, &["added sugar"]),
        ("饼干 -花生", "饼干", None, None, &["peanut"]),
    ] {
        let (words, filters) = read(text, "CNY");
        assert_eq!((filters.price_minor_min, filters.price_minor_max), (min, max), "{text}");
        assert_eq!(filters.free_of, names, "{text}");
        assert_eq!(words, left, "{text}");
    }
    for text in [
        "无线耳机",
        "不锈钢锅",
        "无花果干",
        "20元",
        "以下",
        "第3代 手机",
        "\"不要花生\" 饼干",
        "12元30个",
        "蛋白粉",
    ] {
        assert_eq!(read(text, "CNY"), (text.to_owned(), Filters::default()), "{text}");
    }
    let cards = [("手机", "华为"), ("手机壳", "苹果")];
    let conditions = Conditions::new(cards.into_iter(), "CNY");
    let excluded = |text: &str| {
        let read = conditions.read(text);
        (read.text, read.filters.into_iter().flat_map(|f| f.filters.brands_excluded).collect())
    };
    let brands = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    assert_eq!(excluded("手机不要华为"), ("手机".to_owned(), brands(&["华为"])));
    assert_eq!(excluded("不要华为或苹果的手机"), ("手机".to_owned(), brands(&["华为", "苹果"])));
}

#[test]
fn products_claim_in_chinese_and_german() {
    use vitrine_conditions::{FreeOf, Verdict, claims};
    let verdict = |name: &str, text: &str| {
        let claims = claims([text], "");
        FreeOf::new(name).verdict(|word| claims.get(word).copied())
    };
    for (name, text, expected) in [
        ("peanut", "苏打饼干 不含花生", Verdict::Met),
        ("peanut", "含花生碎", Verdict::Broken),
        ("peanut", "花生酱", Verdict::Broken),
        ("花生", "苏打饼干 不含花生", Verdict::Met),
        ("peanut", "可能含有微量花生", Verdict::Broken),
        ("sugar", "无糖可乐", Verdict::Met),
        ("sugar", "0糖0脂", Verdict::Met),
        ("sugar", "果酱 无添加糖", Verdict::Unsaid),
        ("added sugar", "果酱 无添加糖", Verdict::Met),
        ("sugar", "砂糖橘", Verdict::Broken),
        ("lactose", "无乳糖牛奶", Verdict::Met),
        ("egg", "无蛋白粉", Verdict::Unsaid),
        ("nut", "混合坚果", Verdict::Broken),
        ("nut", "含有核桃、腰果", Verdict::Broken),
        ("gluten", "全麦面包 小麦粉", Verdict::Broken),
        ("preservative", "不添加防腐剂", Verdict::Met),
        ("lactose", "Milch, laktosefrei", Verdict::Met),
        ("gluten", "Glutenfreie Nudeln", Verdict::Met),
        ("gluten", "Nudeln aus Weizen", Verdict::Broken),
        ("nut", "Kekse ohne Nüsse", Verdict::Met),
        ("nut", "Kann Spuren von Haselnüssen enthalten", Verdict::Broken),
        ("hazelnut", "Kann Spuren von Haselnüssen enthalten", Verdict::Broken),
        ("sugar", "Tee ohne Zucker", Verdict::Met),
        ("sugar", "Saft ohne Zuckerzusatz", Verdict::Unsaid),
    ] {
        assert_eq!(verdict(name, text), expected, "{name}: {text}");
    }
}
