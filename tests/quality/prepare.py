"""Online Retail and Chorus as files that `vitrine quality` reads.

    python3 tests/quality/prepare.py EVALUATION_DATA OUT
"""

import collections
import csv
import glob
import gzip
import json
import os
import sys
import zipfile

data, out = sys.argv[1:]
os.makedirs(out, exist_ok=True)


def online_retail():
    """The log as it is, and a feed of each code's most frequent description."""
    names = collections.defaultdict(collections.Counter)
    with open(f"{out}/online-retail-lines.csv", "w", newline="") as lines:
        writer = csv.writer(lines)
        for month, path in enumerate(sorted(glob.glob(f"{data}/online-retail/*.csv.gz"))):
            reader = csv.reader(gzip.open(path, "rt", encoding="utf-8", errors="replace"))
            header = next(reader)
            if month == 0:
                writer.writerow(header)
            for row in reader:
                writer.writerow(row)
                names[row[1]].update([row[2].strip()] if row[2].strip() else [])
    with open(f"{out}/online-retail-products.csv", "w", newline="") as feed:
        writer = csv.writer(feed)
        writer.writerow(["StockCode", "Description"])
        for code, seen in names.items():
            writer.writerow([code, seen.most_common(1)[0][0] if seen else ""])


def chorus():
    """One JSON object a line, with the first EAN of each product."""
    with open(f"{out}/chorus.jsonl", "w") as feed:
        for path in sorted(glob.glob(f"{data}/chorus/products-*.zip")):
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    for product in json.loads(archive.read(name)):
                        product["ean"] = (product.get("ean") or [""])[0]
                        feed.write(json.dumps(product) + "\n")


online_retail()
chorus()
