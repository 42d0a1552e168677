import numpy as np
import pytest
from PIL import Image, ImageFilter

from smearflow.images.statistics import STATISTICS, measure
from tests.material import cell_image


def square(colour: tuple[int, int, int], background: tuple[int, int, int]) -> Image.Image:
    """A square of 20 x 20 pixels on 40 x 40."""
    image = Image.new("RGB", (40, 40), background)
    image.paste(colour, (10, 10, 30, 30))
    return image


@pytest.mark.parametrize("background", [(0, 0, 0), (255, 255, 255), (12, 9, 3)])
def test_only_the_cell_counts(background: tuple[int, int, int]) -> None:
    values = measure(square((127, 63, 255), background))
    assert tuple(values) == STATISTICS
    assert values["cell_area"] == 0.25
    assert values["red_mean"] == pytest.approx(np.log10(2))
    assert values["green_mean"] == pytest.approx(np.log10(4))
    assert values["blue_mean"] == 0
    assert values["brightness"] == pytest.approx(104, abs=1)  # 0.299 r + 0.587 g + 0.114 b
    for flat in ("red_spread", "green_spread", "blue_spread", "contrast", "sharpness"):
        assert values[flat] == pytest.approx(0, abs=1e-6)


def test_against_a_plain_computation() -> None:
    image = cell_image(np.random.default_rng(4), parasitized=True)
    pixels = np.asarray(image).astype(float)
    cell = pixels.max(axis=2) >= 16
    density = -np.log10((pixels + 1) / 256)[cell]
    values = measure(image)
    channels = ("red", "green", "blue")
    means = [values[f"{name}_mean"] for name in channels]
    assert means == pytest.approx(density.mean(axis=0).tolist())
    spreads = [values[f"{name}_spread"] for name in channels]
    assert spreads == pytest.approx(density.std(axis=0).tolist())
    grey = np.asarray(image.convert("L"))[cell]
    assert values["contrast"] == pytest.approx(grey.std())


def test_blur_lowers_sharpness_and_nothing_else() -> None:
    image = cell_image(np.random.default_rng(2), parasitized=False).crop((12, 12, 28, 28))
    sharp, blurred = measure(image), measure(image.filter(ImageFilter.GaussianBlur(0.7)))
    assert blurred["sharpness"] < sharp["sharpness"] / 4
    assert blurred["brightness"] == pytest.approx(sharp["brightness"], rel=0.02)


def test_more_stain_is_more_density_and_less_brightness() -> None:
    pale, dark = (measure(square(c, (0, 0, 0))) for c in ((210, 170, 180), (180, 120, 160)))
    assert dark["green_mean"] > pale["green_mean"]
    assert dark["brightness"] < pale["brightness"]


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (3, 3), (1, 30), (40, 40)])
@pytest.mark.parametrize("colour", ["black", "white", "purple"])
def test_any_image_has_finite_values(size: tuple[int, int], colour: str) -> None:
    values = measure(Image.new("RGB", size, colour))
    assert np.isfinite(list(values.values())).all()
    assert values["cell_area"] == (colour == "purple")
