//! Searches in languages other than English: Chinese, German, and both in one catalogue.

use vitrine_domain::{Constraint, Item, ItemId, Query};
use vitrine_recall::{
    Answer, Deadline, EmbeddedRecall, Language, RecallError, Searcher, Synonyms, TEXT_DIM,
    TextLanguage, Understanding,
};

const CHINESE: [&str; 12] = [
    "苹果手机壳 iPhone15 防摔",
    "苹果 iPhone15 Pro 智能手机",
    "华为智能手机 ＭＡＴＥ６０",
    "红富士苹果 5斤",
    "特级龙井绿茶 250克",
    "茉莉花茶包",
    "德芙巧克力牛奶 220毫升",
    "纯牛奶 250ml*12",
    "无糖酸奶",
    "连衣裙 女 红色 夏季",
    "洗衣液 3kg",
    "家用咖啡机",
];
const GERMAN: [&str; 8] = [
    "Käse aus Holland",
    "Nüsse ohne Salz",
    "Kaffee für die Maschine",
    "Größe L Hose",
    "Milch mit Honig",
    "Brot und Butter",
    "Neue Äpfel aus der Region",
    "Kaffeemaschine",
];

struct NoMeaning;

impl Language for NoMeaning {
    type Error = RecallError;

    fn encode(&self, _: &str, _: Deadline) -> Result<Option<Vec<f32>>, RecallError> {
        Ok(Some(vec![0.0; TEXT_DIM]))
    }

    fn is_word(&self, _: &str) -> bool {
        false
    }
}

struct Shop {
    titles: Vec<String>,
    engine: EmbeddedRecall,
    understanding: Understanding,
}

impl Shop {
    fn new(titles: &[&str], currency: &str) -> Self {
        let items: Vec<Item> = (0..)
            .zip(titles)
            .map(|(id, title)| Item {
                id: ItemId(id),
                title: (*title).to_owned(),
                price_minor: 1_000 * (id as u32 + 1),
                ..Item::default()
            })
            .collect();
        let synonyms = Synonyms::with(Some("same = [[\"手机\", \"移动电话\"]]")).expect("valid");
        let n = items.len();
        Self {
            titles: titles.iter().map(|title| (*title).to_owned()).collect(),
            understanding: Understanding::new(&items, currency, synonyms),
            engine: EmbeddedRecall::build(&items, vec![0.0; n * TEXT_DIM], &vec![0; n])
                .expect("a legal catalogue"),
        }
    }

    fn answer(&self, text: &str) -> Answer {
        let Self { engine, understanding, .. } = self;
        let query = Query { text: text.to_owned(), ..Query::default() };
        let searcher = Searcher { engine, understanding, language: &NoMeaning };
        searcher.search(&query, Deadline::NONE).expect("an answer")
    }

    fn found(&self, text: &str) -> Vec<&str> {
        let hits = self.answer(text).reply.hits.into_iter();
        hits.map(|hit| self.titles[hit.item.0 as usize].as_str()).collect()
    }
}

#[test]
fn chinese_words_are_found_inside_of_runs() {
    let shop = Shop::new(&CHINESE, "CNY");
    for (text, first) in [
        ("手机壳", "苹果手机壳 iPhone15 防摔"),
        ("绿茶", "特级龙井绿茶 250克"),
        ("龙井", "特级龙井绿茶 250克"),
        ("红色连衣裙女", "连衣裙 女 红色 夏季"),
        ("巧克力牛奶", "德芙巧克力牛奶 220毫升"),
        ("iphone15手机壳", "苹果手机壳 iPhone15 防摔"),
        ("ｉＰｈｏｎｅ１５手机壳", "苹果手机壳 iPhone15 防摔"),
        ("mate60", "华为智能手机 ＭＡＴＥ６０"),
        ("好喝的，龙井茶！", "特级龙井绿茶 250克"),
        ("洗衣液🧺", "洗衣液 3kg"),
        ("移动电话", "苹果 iPhone15 Pro 智能手机"),
    ] {
        assert_eq!(shop.found(text).first(), Some(&first), "{text}: {:?}", shop.found(text));
        assert_eq!(shop.answer(text).reply.corrections, [], "{text}");
    }
    let mut tea = shop.found("茶");
    tea.sort_unstable();
    assert_eq!(tea, ["特级龙井绿茶 250克", "茉莉花茶包"], "one character");
}

#[test]
fn one_wrong_character_does_not_lose_the_result() {
    let shop = Shop::new(&CHINESE, "CNY");
    for (text, first) in [
        ("手鸡壳", "苹果手机壳 iPhone15 防摔"),
        ("咖非机", "家用咖啡机"),
        ("洗依液", "洗衣液 3kg"),
        ("平果手机壳", "苹果手机壳 iPhone15 防摔"),
        ("巧克力牛乃", "德芙巧克力牛奶 220毫升"),
    ] {
        assert_eq!(shop.found(text).first(), Some(&first), "{text}: {:?}", shop.found(text));
        assert_eq!(shop.answer(text).relaxed, [], "{text}");
    }
    let nothing = shop.answer("挖掘机");
    assert_eq!(nothing.reply.hits, []);
    assert_eq!(nothing.relaxed[0].typed, "挖掘机", "the word as it was typed");
}

#[test]
fn chinese_conditions_are_read_and_relaxed_by_whole_words() {
    let shop = Shop::new(&CHINESE, "CNY");
    assert_eq!(
        shop.found("苹果手机20元以下"),
        ["苹果手机壳 iPhone15 防摔", "苹果 iPhone15 Pro 智能手机"]
    );
    assert_eq!(shop.found("无糖酸奶"), ["无糖酸奶"]);
    let relaxed = shop.answer("绿茶 挖掘机 牛奶");
    let typed: Vec<(Constraint, &str)> =
        relaxed.relaxed.iter().map(|r| (r.constraint, r.typed.as_str())).collect();
    assert_eq!(typed, [(Constraint::Word, "挖掘机")]);
}

#[test]
fn german_is_stemmed_and_spelt_with_and_without_umlauts() {
    let shop = Shop::new(&GERMAN, "EUR");
    for (text, first) in [
        ("Käse", "Käse aus Holland"),
        ("kaese", "Käse aus Holland"),
        ("kase", "Käse aus Holland"),
        ("Nuesse", "Nüsse ohne Salz"),
        ("groesse l", "Größe L Hose"),
        ("grosse l", "Größe L Hose"),
        ("apfel", "Neue Äpfel aus der Region"),
        ("neue aepfel", "Neue Äpfel aus der Region"),
        ("Honig für die Milch", "Milch mit Honig"),
    ] {
        assert_eq!(shop.found(text).first(), Some(&first), "{text}: {:?}", shop.found(text));
    }
    assert_eq!(shop.answer("Brot für die Katze").relaxed.len(), 1, "the cat alone");
    assert_eq!(shop.found("Brot unter 70 Euro"), ["Brot und Butter"]);
}

#[test]
fn the_language_can_be_said() {
    let items = [Item { id: ItemId(1), title: "Häuser".to_owned(), ..Item::default() }];
    let found = |code: &str| {
        let language = TextLanguage::of_code(code).expect("known");
        let vectors = vec![0.0; TEXT_DIM];
        let engine =
            EmbeddedRecall::build_in(&items, vectors, &[0], language).expect("a legal catalogue");
        let understanding = Understanding::new(&items, "EUR", Synonyms::default());
        let searcher =
            Searcher { engine: &engine, understanding: &understanding, language: &NoMeaning };
        let query = Query { text: "haus ".to_owned(), ..Query::default() };
        searcher.search(&query, Deadline::NONE).expect("an answer").reply.n_total
    };
    assert_eq!((found("de"), found("en")), (1, 0));
}

#[test]
fn any_text_of_any_script_has_an_answer() {
    let shop = Shop::new(&CHINESE, "CNY");
    let long = "巧克力牛奶".repeat(100);
    for text in [
        long.as_str(),
        "🍵",
        "茶🍵tea茶",
        "한국어 手机",
        "カタカナ かな 漢字",
        "，。！",
        "的",
        "20元",
    ] {
        shop.answer(text);
    }
    assert_eq!(shop.found(&long)[0], "德芙巧克力牛奶 220毫升");
}
