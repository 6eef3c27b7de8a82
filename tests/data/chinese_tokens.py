"""How well BM25 tells good titles from bad ones by how Chinese is cut into terms.

    python3 chinese_tokens.py dev.jsonl.gz --tsv pairs.tsv
    cargo run -p vitrine-recall --example pair_signals -- pairs.tsv > signals.tsv
    python3 chinese_tokens.py dev.jsonl.gz --signals signals.tsv

The file is that of QBQTC: lines with query, title and label 0, 1 or 2. With `jieba` installed,
its words are measured, too. A fifth of the queries, by their hash, is for the test; the two
thresholds of macro-F1 are fitted on the others. BM25 is tantivy's (k1 1.2, b 0.75), divided by
the inverse document frequencies of the query's terms, as the engine divides it.
"""

import argparse
import bisect
import collections
import gzip
import hashlib
import json
import math
import random
import re

N_QUANTILES = 60
N_RESAMPLES = 500


def is_unspaced(c):
    return "\u3005" <= c <= "\u9fff" or "\uf900" <= c <= "\ufaff" or "\U00020000" <= c <= "\U0003ffff"


def runs(text):
    """(is_unspaced, run) of letters and digits."""
    found, current, kind = [], "", None
    for c in text.lower() + " ":
        own = is_unspaced(c) if c.isalnum() else None
        if own != kind and current:
            found.append((kind, current))
            current = ""
        kind = own
        if own is not None:
            current += c
    return found


def cut(text, of_run):
    return [term for kind, run in runs(text) for term in (of_run(run) if kind else [run])]


def pairs(run):
    return [run[i : i + 2] for i in range(max(1, len(run) - 1))]


def both(run):
    return list(run) + ([run[i : i + 2] for i in range(len(run) - 1)])


def tokenisers():
    """Name, cut of a query, cut of a title."""
    of = lambda of_run: lambda text: cut(text, of_run)
    yield "whole runs, as before", lambda t: re.findall(r"\w+", t.lower()), None
    yield "characters", of(list), None
    yield "pairs", of(pairs), None
    yield "pairs; titles characters, too", of(pairs), of(both)
    yield "pairs and characters", of(both), None
    try:
        import jieba
    except ImportError:
        return
    jieba.setLogLevel(40)
    words = lambda t: [w for w in jieba.lcut(t.lower()) if w[0].isalnum()]
    yield "words of jieba", words, None
    search = lambda t: [w for w in jieba.lcut_for_search(t.lower()) if w and w[0].isalnum()]
    yield "words of jieba, cut finer in titles", words, search


def bm25(rows, of_query, of_title):
    titles = [of_title(row["title"]) for row in rows]
    n_with = collections.Counter(term for title in titles for term in set(title))
    length_mean = sum(map(len, titles)) / len(titles)
    scores = []
    for row, title in zip(rows, titles):
        counts = collections.Counter(title)
        score = mass = 0.0
        for term in dict.fromkeys(of_query(row["query"])):
            if n_with[term]:
                idf = math.log1p((len(rows) - n_with[term] + 0.5) / (n_with[term] + 0.5))
                length = 0.25 + 0.75 * len(title) / length_mean
                mass += idf
                score += idf * counts[term] * 2.2 / (counts[term] + 1.2 * length)
        scores.append(score / mass if mass else 0.0)
    return scores


def auc(scores, is_good):
    order = sorted(zip(scores, is_good))
    n_good = sum(is_good)
    ranks, i = 0.0, 0
    while i < len(order):
        j = i
        while j < len(order) and order[j][0] == order[i][0]:
            j += 1
        ranks += sum(good for _, good in order[i:j]) * (i + j + 1) / 2
        i = j
    return (ranks - n_good * (n_good + 1) / 2) / (n_good * (len(order) - n_good))


def macro_f1(predicted, labels):
    total = 0.0
    for grade in range(3):
        hits = sum(p == grade == y for p, y in zip(predicted, labels))
        total += 2 * hits / max(1, sum(p == grade for p in predicted) + sum(y == grade for y in labels))
    return total / 3


def thresholds(scores, labels):
    order = sorted(zip(scores, labels))
    sorted_scores = [score for score, _ in order]
    before = [[0] * (len(order) + 1) for _ in range(3)]
    for i, (_, label) in enumerate(order):
        for grade in range(3):
            before[grade][i + 1] = before[grade][i] + (label == grade)
    candidates = [sorted_scores[len(order) * k // N_QUANTILES] for k in range(N_QUANTILES)]
    places = [bisect.bisect_left(sorted_scores, score) for score in candidates]
    best = (-1.0, 0.0, 0.0)
    for a in range(N_QUANTILES):
        for b in range(a, N_QUANTILES):
            bounds = [0, places[a], places[b], len(order)]
            f1 = 0.0
            for grade in range(3):
                low, high = bounds[grade], bounds[grade + 1]
                hits = before[grade][high] - before[grade][low]
                f1 += 2 * hits / max(1, high - low + before[grade][-1])
            best = max(best, (f1 / 3, candidates[a], candidates[b]))
    return best[1:]


def report(name, scores, rows):
    labels = [int(row["label"]) for row in rows]
    in_test = [int(hashlib.sha256(r["query"].encode()).hexdigest(), 16) % 5 == 0 for r in rows]
    train = [i for i, test in enumerate(in_test) if not test]
    test = [i for i, test in enumerate(in_test) if test]
    low, high = thresholds([scores[i] for i in train], [labels[i] for i in train])
    grades = [(scores[i] >= low) + (scores[i] >= high) for i in range(len(rows))]
    measure = lambda places: (
        auc([scores[i] for i in places], [labels[i] >= 1 for i in places]),
        auc([scores[i] for i in places], [labels[i] == 2 for i in places]),
        macro_f1([grades[i] for i in places], [labels[i] for i in places]),
    )
    drawn = random.Random(1)
    resampled = [measure(drawn.choices(test, k=len(test))) for _ in range(N_RESAMPLES)]
    cells = []
    for k, value in enumerate(measure(test)):
        sample = sorted(figures[k] for figures in resampled)
        low_end, high_end = sample[int(0.025 * N_RESAMPLES)], sample[int(0.975 * N_RESAMPLES)]
        cells.append(f"{value:.3f} [{low_end:.3f}, {high_end:.3f}]")
    print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs")
    parser.add_argument("--tsv")
    parser.add_argument("--signals")
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in gzip.open(arguments.pairs, "rt")]
    if arguments.tsv:
        clean = lambda text: re.sub(r"\s+", " ", text)
        with open(arguments.tsv, "w") as out:
            out.writelines(f"{clean(r['query'])}\t{clean(r['title'])}\n" for r in rows)
        return
    if arguments.signals:
        signals = [list(map(float, line.split("\t"))) for line in open(arguments.signals)]
        assert len(signals) == len(rows)
        for place, name in enumerate(["the engine: BM25", "the engine: coverage", "the engine: score"]):
            report(name, [row[place] for row in signals], rows)
        return
    for name, of_query, of_title in tokenisers():
        report(name, bm25(rows, of_query, of_title or of_query), rows)


main()
