"""Which image an annotation means."""

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smearflow.ground.errors import SmearflowError
from smearflow.intake.boxes.matching import Wanted, by_name, match
from tests.intake.boxes.material import relative

ROOT = PurePosixPath("all.json")


def found(name: str, *images: str, source: str = "all.json") -> str | None:
    wanted = by_name(PurePosixPath(source), name)
    image = match(relative(images), [wanted])[wanted]
    return str(image) if image else None


@pytest.mark.parametrize(
    ("name", "images", "expected"),
    [
        ("1.png", ["1.png", "2.png"], "1.png"),
        ("1.png", ["11.png", "a1.png"], None),
        ("1.png", ["a/1.png", "1.png"], "1.png"),
        ("a/1.png", ["a/1.png", "b/1.png", "1.png"], "a/1.png"),
        ("x/a/1.png", ["y/a/1.png", "y/b/1.png"], "y/a/1.png"),
        ("A\\1.PNG", ["a/1.png", "b/1.png"], "a/1.png"),
        ("/home/a/b/1.png", ["b/1.png", "c/1.png"], "b/1.png"),
        ("C:/a/b/1.png", ["b/1.png", "c/1.png"], "b/1.png"),
        ("https://host/b/1.png", ["b/1.png", "c/1.png"], "b/1.png"),
        ("./a/../b/1.png", ["a/1.png", "b/1.png"], "b/1.png"),
        ("1.jpg", ["1.png"], "1.png"),
        ("1.jpg", ["1.png", "1.jpg"], "1.jpg"),
        ("1.jpg", ["masks/1.png", "photographs/1.jpg"], "photographs/1.jpg"),
        ("Zelle_a\u0308.png", ["Zelle_\u00e4.png"], "Zelle_\u00e4.png"),
        ("", ["1.png"], None),
    ],
)
def test_names(name: str, images: list[str], expected: str | None) -> None:
    assert found(name, *images) == expected
    assert found(name, *images[::-1]) == expected


def test_the_nearest_of_several_equals() -> None:
    images = ["train/photographs/1.png", "valid/photographs/1.png"]
    assert found("1.png", *images, source="train/boxes/all.json") == images[0]


@pytest.mark.parametrize("images", [["a/1.png", "b/1.png"], ["1.png", "1.tif"]])
def test_no_telling(images: list[str]) -> None:
    with pytest.raises(SmearflowError, match=r"all\.json marks 1\.jpg, which may be") as caught:
        found("1.jpg", *images)
    assert all(image in str(caught.value) for image in images)


def test_an_image_is_given_to_the_name_that_fits_it_best() -> None:
    here, lost = by_name(ROOT, "train/1.png"), by_name(ROOT, "valid/1.png")
    images = relative(["train/1.png"])
    for order in ([here, lost], [lost, here]):
        assert match(images, order) == {here: images[0], lost: None}


def test_two_names_for_an_image_that_fits_neither_better() -> None:
    with pytest.raises(SmearflowError, match=r"both seem to mark 1\.png"):
        match(relative(["1.png"]), [by_name(ROOT, "train/1.png"), by_name(ROOT, "valid/1.png")])


def test_several_files_may_name_one_image_unless_each_is_of_an_image() -> None:
    sources = relative(["train.json", "valid.json"])
    image = PurePosixPath("1.png")
    together = [by_name(source, "1.png") for source in sources]
    assert match([image], together) == dict.fromkeys(together, image)
    with pytest.raises(SmearflowError, match=r"train.json \(1.png\) and valid.json \(1.png\)"):
        match([image], [by_name(source, "1.png", alone=True) for source in sources])


def test_a_second_name_gets_what_no_first_name_wants() -> None:
    source, images = PurePosixPath("x.xml"), relative(["1.png", "2.png"])
    taken = Wanted(images[0], "1", source)
    for name, expected in (("1.png", None), ("2.png", images[1])):
        either = Wanted(PurePosixPath("x"), "x", source, True, by_name(source, name))
        assert match(images, [either, taken]) == {either: expected, taken: images[0]}


PARTS = st.lists(st.sampled_from(["a", "b", "images", "labels"]), max_size=3)
IMAGES = st.lists(
    st.builds(
        lambda parts, stem, suffix: PurePosixPath(*parts, f"{stem}.{suffix}"),
        PARTS,
        st.sampled_from(["1", "2", "1.v2"]),
        st.sampled_from(["png", "jpg"]),
    ),
    min_size=1,
    max_size=8,
    unique=True,
)


@given(IMAGES)
def test_an_image_named_by_its_path_is_that_image(images: list[PurePosixPath]) -> None:
    wanted = [by_name(ROOT, str(image)) for image in images]
    assert match(images, wanted) == dict(zip(wanted, images, strict=True))


@given(IMAGES, st.data())
def test_an_image_that_is_gone_leaves_its_boxes_to_no_other(
    images: list[PurePosixPath], data: st.DataObject
) -> None:
    gone = data.draw(st.sampled_from(images))
    wanted = {image: by_name(ROOT, str(image)) for image in images}
    there = [image for image in images if image != gone]
    assert match(there, wanted.values()) == {
        each: None if image == gone else image for image, each in wanted.items()
    }
