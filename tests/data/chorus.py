"""Turns the Chorus products (zipped JSON arrays) into JSON lines for `vitrine evaluate search`.

usage: python3 tests/data/chorus.py products-1.json.zip … > products.jsonl

One line a product: id, title, short_description without markup, supplier, price and
`attributes`, the values of all `attr_t_*` keys in the order of the file.
"""
import json
import re
import sys
import zipfile

for path in sys.argv[1:]:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            for product in json.loads(archive.read(name)):
                line = {key: product[key] for key in ("id", "title", "supplier", "price")}
                markup = product.get("short_description") or ""
                line["short_description"] = " ".join(re.sub(r"<[^>]+>", " ", markup).split())
                values = [str(v) for k, v in product.items() if k.startswith("attr_t_")]
                line["attributes"] = " · ".join(" ".join(value.split()) for value in values)
                print(json.dumps(line, ensure_ascii=False))
