"""sentence-transformers on the texts of `cargo xtask bench gpu`: texts a second, in f16.

The same weights, lengths and pooling as Vitrine's; the best of three sizes of batches counts.
"""

import sys
import time

import torch
from sentence_transformers import SentenceTransformer, models

TOKENS_MAX = 256
BATCH_TEXTS = (128, 512, 2048)
N_WARM = 2_000

weights, path = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    texts = [line.rstrip("\n") for line in file]
if not torch.cuda.is_available():
    sys.exit("torch finds no GPU")
transformer = models.Transformer(weights, max_seq_length=TOKENS_MAX)
pooling = models.Pooling(transformer.get_word_embedding_dimension(), pooling_mode="mean")
model = SentenceTransformer(modules=[transformer, pooling, models.Normalize()], device="cuda").half()
for batch_texts in BATCH_TEXTS:
    model.encode(texts[:N_WARM], batch_size=batch_texts)
    torch.cuda.synchronize()
    started = time.perf_counter()
    model.encode(texts, batch_size=batch_texts)
    seconds = time.perf_counter() - started
    print(f"sentence-transformers, {batch_texts} texts a batch: {len(texts) / seconds:.0f} texts/s")
