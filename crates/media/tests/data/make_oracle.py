"""Makes the moving pictures of this folder, and what other programs read from its files.

    python3 -m venv venv
    venv/bin/pip install pillow==13.0.0 webvtt-py==0.6.0
    venv/bin/python make_oracle.py

`*.webp` are written by Pillow. `*.webp.json` is what Pillow, by libwebp's decoder of animations,
sees in them: which frames are key frames, and mean colours of these in a grid of four by four.
`*.vtt.words` are the words that webvtt-py reads from `*.vtt`, which are written by hand.
"""

import html
import json
import random
from pathlib import Path

import webvtt
from PIL import Image, ImageDraw, ImageSequence

HERE = Path(__file__).parent
CHANGE = 8  # limits.rs: KEY_FRAME_CHANGE
CELLS = 16  # limits.rs: CHANGE_CELLS


def scenes():
    """Four scenes of five frames; within each a small thing moves and the picture has noise."""
    noise = random.Random(7)
    colours = [(240, 240, 240), (30, 60, 120), (200, 140, 60), (20, 20, 20)]
    for scene, ground in enumerate(colours):
        for frame in range(5):
            picture = Image.new("RGB", (160, 120), ground)
            draw = ImageDraw.Draw(picture)
            draw.ellipse((40 + scene * 20, 30, 100 + scene * 20, 90), fill=colours[scene - 1])
            draw.rectangle((10 + frame, 100, 18 + frame, 108), fill=(200, 30, 30))
            for _ in range(60):
                at = (noise.randrange(160), noise.randrange(120))
                picture.putpixel(at, tuple(noise.randrange(256) for _ in range(3)))
            yield picture


def stickers():
    """A shape that moves over nothing, so that frames are parts, blended and cleared."""
    for frame in range(7):
        picture = Image.new("RGBA", (96, 64), (0, 0, 0, 0))
        draw = ImageDraw.Draw(picture)
        left = 10 * frame
        draw.rectangle((left, 10, left + 30, 50), fill=(180, 20, 60, 255))
        draw.rectangle((left + 8, 20, left + 22, 40), fill=(20, 90, 200, 128))
        yield picture


def many():
    """More changes than are kept; the steps between tones differ."""
    for tone in [0, 10, 110, 90, 190, 160, 60, 100, 200, 150, 200, 205]:
        yield Image.new("RGB", (33, 21), (tone, tone, 255 - tone))


def over_white(frame):
    ground = Image.new("RGBA", frame.size, (255, 255, 255, 255))
    return Image.alpha_composite(ground, frame.convert("RGBA")).convert("RGB")


def grid(picture, side):
    """Mean colours of cells; the sides of the pictures need not be multiples."""
    columns, rows = min(side, picture.width), min(side, picture.height)
    cells = [[] for _ in range(columns * rows)]
    for y in range(picture.height):
        for x in range(picture.width):
            at = y * rows // picture.height * columns + x * columns // picture.width
            cells[at].append(picture.getpixel((x, y)))
    return [sum(p[c] for p in cell) // len(cell) for cell in cells for c in range(3)]


def seen(path):
    frames = [over_white(f) for f in ImageSequence.Iterator(Image.open(path))]
    key_frames, latest = [], None
    for place, frame in enumerate(frames):
        cells = grid(frame, CELLS)
        change = 1e9
        if latest is not None:
            change = sum(abs(a - b) for a, b in zip(cells, latest)) / len(cells)
        if change > CHANGE:
            latest = cells
            key_frames.append((change, place))
    kept = sorted(key_frames, key=lambda key: (-key[0], key[1]))[:8]
    kept = sorted(place for _, place in kept)
    return {
        "n_frames": len(frames),
        "is_cut": len(key_frames) > 8,
        "key_frames": kept,
        "cells": [grid(frames[place], 4) for place in kept],
    }


def main():
    made = {
        "scenes": (scenes(), {"quality": 60}),
        "stickers": (stickers(), {"lossless": True, "minimize_size": True}),
        "stickers-lossy": (stickers(), {"quality": 80, "minimize_size": True}),
        "many": (many(), {"lossless": True}),
    }
    for name, (frames, options) in made.items():
        path = HERE / f"{name}.webp"
        first, *others = frames
        first.save(path, save_all=True, append_images=others, duration=100, method=6, **options)
    next(scenes()).save(HERE / "still.webp", quality=60)
    for path in sorted(HERE.glob("*.webp")):
        path.with_suffix(".webp.json").write_text(json.dumps(seen(path)) + "\n")
    for path in sorted(HERE.glob("*.vtt")):
        # It leaves named characters as they are.
        words = html.unescape(" ".join(cue.text for cue in webvtt.read(str(path)))).split()
        path.with_suffix(".vtt.words").write_text("\n".join(words) + "\n")


main()
