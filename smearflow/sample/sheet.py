"""A contact sheet: many cells at a glance, at their own size."""

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image, ImageDraw

TILE = 150  # pixels a side; larger cells are shrunk
CAPTION = 22  # pixels


def contact_sheet(halves: Mapping[str, Sequence[np.ndarray]], columns: int) -> Image.Image:
    """Images in rows under a caption per group.

    Args:
        halves: uint8 RGB images [h, w, 3] of any size by caption.
        columns: images a row.
    """
    heights = [CAPTION + TILE * -(-len(images) // columns) for images in halves.values()]
    sheet = Image.new("RGB", (columns * TILE, sum(heights)))
    top = 0
    for (caption, images), height in zip(halves.items(), heights, strict=True):
        ImageDraw.Draw(sheet).text((6, top + 5), caption, fill="white")
        for number, pixels in enumerate(images):
            tile = Image.fromarray(pixels)
            tile.thumbnail((TILE - 4, TILE - 4))
            place = ((number % columns) * TILE, top + CAPTION + number // columns * TILE)
            sheet.paste(tile, place)
        top += height
    return sheet
