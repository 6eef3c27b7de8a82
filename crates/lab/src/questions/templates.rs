//! How questions are worded. Written once, before anything was measured, and not looked at by
//! what reads questions.

/// Questions for any attribute; `{}` is its name.
pub const GENERIC: &[&str] = &[
    "What is the {}?",
    "What's its {}?",
    "Can you tell me the {}?",
    "Which {} does it have?",
    "Do you know the {} of this one?",
    "{}?",
];
/// Questions for attributes that are yes or no.
pub const GENERIC_YES_NO: &[&str] =
    &["Does it have {}?", "Does it support {}?", "Is there {}?", "{}: yes or no?"];

/// Questions for attributes that people have words for.
pub const ASKED: &[(&str, &[&str])] = &[
    ("Weight", &["How heavy is it?", "How much does it weigh?", "Wie schwer ist es?", "有多重？"]),
    ("Width", &["How wide is it?", "Wie breit ist es?", "有多宽？"]),
    ("Height", &["How tall is it?", "How high is it?", "Wie hoch ist es?"]),
    ("Depth", &["How deep is it?", "Wie tief ist es?"]),
    ("Product colour", &["What colour is it?", "Which color does it come in?", "Welche Farbe hat es?", "是什么颜色的？"]),
    ("Material", &["What is it made of?", "Which material is it made from?", "Woraus besteht es?", "是什么材质的？"]),
    ("Cable length", &["How long is the cable?", "What's the length of the cable?"]),
    ("Compatibility", &["What is it compatible with?", "What does it fit?", "What does it work with?"]),
    ("Brand compatibility", &["Which brand is it compatible with?"]),
    ("Quantity per pack", &["How many are in a pack?", "How many come in one pack?"]),
    ("Country of origin", &["Where is it made?", "Which country does it come from?", "Wo wird es hergestellt?"]),
    ("Display diagonal", &["How big is the screen?", "What's the screen size?"]),
    ("Processor frequency", &["How fast is the processor?", "What frequency does the processor run at?"]),
    ("Internal memory", &["How much memory does it have?", "How much RAM is in it?"]),
    ("Display resolution", &["What resolution does the display have?"]),
    ("Printing colours", &["Which colours does it print?"]),
    ("Processor cores", &["How many cores does the processor have?"]),
    ("Package weight", &["How heavy is the package?", "How much does the package weigh?"]),
    ("Connector gender", &["Are the connectors male or female?"]),
];

/// Something that a text says, with the questions for it.
pub struct Feature {
    /// Any of them says it.
    pub words: &'static [&'static str],
    pub questions: &'static [&'static str],
}

const fn feature(words: &'static [&'static str], questions: &'static [&'static str]) -> Feature {
    Feature { words, questions }
}

/// What descriptions and reviews speak of.
pub const FEATURES: &[Feature] = &[
    feature(&["pocket"], &["Does it have pockets?", "Are there any pockets?", "Hat es Taschen?", "有口袋吗？"]),
    feature(&["zipper", "zippered", "zip"], &["Does it have a zipper?", "Is there a zip?"]),
    feature(&["hood", "hooded"], &["Does it have a hood?"]),
    feature(&["lined", "lining"], &["Is it lined?", "Does it have a lining?"]),
    feature(&["itchy", "scratchy", "itch"], &["Is it itchy?", "Is the fabric scratchy?"]),
    feature(&["see through", "see-through", "sheer"], &["Is it see-through?", "Is it sheer?"]),
    feature(&["stretchy", "stretch", "stretches"], &["Is it stretchy?", "Does it stretch?"]),
    feature(&["wrinkle", "wrinkled", "wrinkles"], &["Does it wrinkle?", "Does it get wrinkled easily?"]),
    feature(&["true to size"], &["Is it true to size?", "Does it run true to size?"]),
    feature(&["runs small", "ran small", "run small"], &["Does it run small?"]),
    feature(&["runs large", "ran large", "run large"], &["Does it run large?"]),
    feature(&["machine wash", "machine washable", "hand wash", "dry clean", "washed", "washing", "washable"], &["Can I machine wash it?", "Is it washable?", "How do I wash it?", "Kann man es waschen?", "能机洗吗？"]),
    feature(&["waterproof", "water-resistant", "water resistant"], &["Is it waterproof?", "Is it water resistant?", "Ist es wasserdicht?", "防水吗？"]),
    feature(&["adjustable"], &["Is it adjustable?", "Can I adjust it?"]),
    feature(&["strap", "straps"], &["Does it have straps?"]),
    feature(&["handle", "handles"], &["Does it have a handle?", "Is there a handle?"]),
    feature(&["wheel", "wheels"], &["Does it have wheels?"]),
    feature(&["button", "buttons"], &["Does it have buttons?"]),
    feature(&["sleeve", "sleeves"], &["Does it have sleeves?"]),
    feature(&["collar"], &["Does it have a collar?"]),
    feature(&["heel", "heels"], &["Does it have a heel?"]),
    feature(&["lid"], &["Does it come with a lid?"]),
    feature(&["dishwasher"], &["Is it dishwasher safe?", "Can it go in the dishwasher?"]),
    feature(&["warranty", "guarantee"], &["Is there a warranty?", "What's the warranty?"]),
    feature(&["battery", "batteries"], &["How long does the battery last?", "What battery does it use?"]),
    feature(&["foldable", "folds", "collapsible"], &["Is it foldable?", "Can it be folded?"]),
    feature(&["wireless", "cordless"], &["Is it wireless?"]),
    feature(&["bluetooth"], &["Does it have Bluetooth?"]),
    feature(&["gluten"], &["Is it gluten free?"]),
    feature(&["organic"], &["Is it organic?"]),
];

/// Materials that descriptions name.
pub const MATERIALS: &[&str] = &[
    "leather", "canvas", "cotton", "denim", "wool", "silk", "suede", "steel", "ceramic", "wood",
    "wooden", "glass", "linen", "nylon", "polyester", "crochet", "bamboo", "marble", "metal", "porcelain", "velvet", "rattan",
    "wicker", "aluminum", "brass", "oak", "mahogany", "teak", "plastic", "rubber", "lace",
];
/// Colours that descriptions name.
pub const COLOURS: &[&str] = &[
    "black", "white", "red", "blue", "green", "yellow", "orange", "purple", "pink", "brown", "grey",
    "gray", "beige", "navy", "turquoise", "burgundy", "khaki", "mauve", "teal", "lavender",
];
/// What stands before what something is for.
pub const USE_AFTER: &[&str] = &["perfect for ", "ideal for ", "great for ", "designed for "];

/// Words that may answer where the name of an attribute has some part.
pub const RELATED_WORDS: &[(&str, &[&str])] = &[
    ("weight", &["weigh", "weighs", "kg", "gram", "pound", "lb", "lbs", "heavy", "lightweight"]),
    ("width", &["wide", "dimensions", " x "]),
    ("height", &["high", "tall", "dimensions", " x "]),
    ("depth", &["deep", "thick", "dimensions", " x "]),
    ("length", &["long", "cm", "m", "ft", "feet", "inch", "\"", "meter"]),
    ("diagonal", &["inch", "\"", "screen", "cm"]),
    ("colour", &["black", "white", "silver", "grey", "gray", "blue", "red", "green", "yellow", "cyan", "magenta", "brown", "pink", "gold", "beige", "color", "colours", "colors", "orange", "purple", "transparent"]),
    ("material", &["plastic", "steel", "aluminium", "aluminum", "leather", "paper", "metal", "glass", "wood", "nylon", "cotton", "rubber", "polyester", "silicone", "pvc", "fabric", "polycarbonate", "vinyl"]),
    ("memory", &["gb", "mb", "ram"]),
    ("storage", &["gb", "tb", "hdd", "ssd"]),
    ("frequency", &["ghz", "mhz", "hz"]),
    ("processor", &["cpu", "intel", "amd"]),
    ("resolution", &["pixels", "dpi", "megapixel", "mp", " x "]),
    ("compatib", &["for", "fits", "compatible", "works"]),
    ("country", &["made in"]),
    ("quantity per pack", &["pack", "pcs", "pc", "pieces", "per"]),
    ("yield", &["pages", "page"]),
    ("operating system", &["windows", "linux", "mac"]),
    ("wi", &["wlan", "802.11", "wireless"]),
    ("wireless", &["wifi", "wi-fi", "wlan", "bluetooth"]),
    ("ethernet", &["lan", "network", "rj45", "rj-45"]),
    ("network", &["lan", "ethernet", "wlan"]),
    ("lan", &["ethernet", "network", "wlan"]),
    ("usb", &["usb"]),
    ("connector", &["usb", "hdmi", "vga", "rj45", "rj-45", "dvi", "db9", "connector", "plug"]),
    ("power", &["w", "watt", "watts", "psu"]),
    ("voltage", &["v", "volt", "volts"]),
    ("capacity", &["gb", "tb", "mb", "l", "litre", "liter", "ml", "mah"]),
    ("cable", &["cable"]),
    ("print", &["print", "printing", "printer", "laser", "inkjet"]),
    ("product type", &["a"]),
    ("type", &["type"]),
    ("form factor", &["form"]),
    ("brand", &["for", "brand"]),
    ("size", &["size", "inch", "\"", "cm", "mm", "a4", "a3", "dimensions"]),
    ("dimension", &["dimensions", "size", " x "]),
    ("diameter", &["mm", "cm", "inch", "\""]),
    ("model", &["model", "series"]),
    ("series", &["series", "family"]),
    ("family", &["series", "family"]),
    ("certific", &["certified", "ce", "fcc", "rohs"]),
    ("warranty", &["warranty", "guarantee"]),
    ("battery", &["battery", "batteries", "mah"]),
    ("speed", &["mbit", "mbps", "gbps", "rpm", "ppm", "speed"]),
    ("technology", &["laser", "inkjet", "led", "lcd", "technology"]),
    ("graphics", &["nvidia", "geforce", "radeon", "graphics"]),
    ("bus", &["fsb", "bus"]),
    ("code", &["code"]),
    ("target", &["for"]),
    ("sheets", &["sheets", "sheet"]),
];
