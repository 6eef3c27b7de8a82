"""Turns the products of AWS's Retail Demo Store (YAML, gzipped) into JSON lines.

usage: python3 tests/data/retail_demo_store.py products.yaml.gz > products.jsonl
"""
import gzip
import json
import sys

import yaml

KEYS = ("id", "name", "category", "style", "description", "price")

with gzip.open(sys.argv[1], "rt", encoding="utf-8") as file:
    for product in yaml.safe_load(file):
        print(json.dumps({key: product.get(key) for key in KEYS}, ensure_ascii=False))
