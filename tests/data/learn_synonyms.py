"""Pairs of words that stand in the same contexts of titles, as a file of synonyms.

usage: python3 tests/data/learn_synonyms.py products.jsonl LEAST_COSINE > learned.toml

What was tried to learn synonyms from a catalogue: neighbours within three words, weighted by
positive pointwise mutual information (Bullinaria and Levy, Behavior Research Methods 39, 2007),
pairs that are each other's nearest and hardly ever share a title. Needs numpy.
"""
import collections
import json
import re
import sys

import numpy as np

ITEMS_MIN, REACH, SHARED_MAX = 15, 3, 0.02
titles = {json.loads(line)["title"].lower(): None for line in open(sys.argv[1])}
tokens = [re.findall(r"[a-z]{3,}|\d+", title) for title in titles]
n_items = collections.Counter(word for words in tokens for word in set(words))
words = [word for word, n in n_items.items() if n >= ITEMS_MIN and word.isalpha()]
place = {word: i for i, word in enumerate(words)}
near, shared = (np.zeros((len(words), len(words)), np.float32) for _ in range(2))
for title in tokens:
    ids = [place.get(word, -1) for word in title]
    for a, i in enumerate(ids):
        for b in range(max(0, a - REACH), min(len(ids), a + REACH + 1)):
            if b != a and i >= 0 and ids[b] >= 0:
                near[i, ids[b]] += 1
    known = list({i for i in ids if i >= 0})
    for i in known:
        shared[i, known] += 1
each = near.sum(1, keepdims=True)
vectors = np.maximum(np.log((near * near.sum() + 1e-9) / (each * each.T + 1e-9)), 0)
vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9
cosine = vectors @ vectors.T
np.fill_diagonal(cosine, 0)
items = np.diag(shared)
cosine[shared / np.minimum(items[:, None], items[None, :]) > SHARED_MAX] = 0
best = cosine.argmax(1)
pairs = [(i, j) for i, j in enumerate(best) if i < j and best[j] == i]
print("same = [")
for i, j in sorted(pairs, key=lambda pair: -cosine[pair]):
    if cosine[i, j] >= float(sys.argv[2]):
        print(f'    ["{words[i]}", "{words[j]}"],')
print("]")
