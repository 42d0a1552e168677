"""A pattern guessed from names finds the patients, or nothing is guessed."""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smearflow.cells.naming import parse_name
from smearflow.intake.guess import guess_pattern

CLASSES = ("Parasitized", "Uninfected")
UUID = "{:08x}-1111-4222-8333-{:012x}"
IDS = ("AB12", "AB13", "CD07", "EF99", "XY01", "XZ44")
SLIDES = ("1305121398", "1305141085", "1401063467", "1409191647", "1603223711", "1703121298")


Template = str | Callable[..., str]


def named(template: Template, ids: Sequence[object] = range(1, 13)) -> list[str]:
    """Paths of cells of these patients, with several fields each, in both classes.

    `p` is the patient, `f` the field of a patient, `c` the cell of a field, `n` counts all cells
    and `m` all fields.
    """
    draw, found, n, m = random.Random(1), [], 0, 0
    spell = template.format if isinstance(template, str) else template
    for p in ids:
        for f in range(1, draw.randint(2, 5) + 1):
            m += 1
            for c in range(1, draw.randint(3, 9) + 1):
                n += 1
                found.append(f"{draw.choice(CLASSES)}/{spell(p=p, f=f, c=c, n=n, m=m)}.png")
    return found


PEOPLE = range(1, 13)
FOUND: dict[str, tuple[Template, Sequence[object]]] = {
    "NIH": ("C{p}P{f}ThinF_IMG_20150918_1441{m:02d}_cell_{c}", PEOPLE),
    "NIH without cell": ("C{p}P{p}ThinF_IMG_20150918_1441{m:02d}_{c}", PEOPLE),
    "P, F, c": ("P{p:03d}_F{f}_c{c}", PEOPLE),
    "letters touch digits": ("S{p}F{f}_{c}", PEOPLE),
    "letters and digits only": ("P{p:02d}F{f:02d}C{c:02d}", PEOPLE),
    "a word": ("patient{p}_{c}_{f}", PEOPLE),
    "a word in capitals": ("PATIENT-{p}-{n}", PEOPLE),
    "a slide": ("slide-{p}_f{f}_{c}", PEOPLE),
    "a subject": ("subj_{p}_img{f}_cell{c}", PEOPLE),
    "a case with brackets": ("case {p} ({n})", PEOPLE),
    "a donor behind the date": ("2021-03-{f:02d}_donor{p}_{n}", PEOPLE),
    "twice a day on each day": (
        lambda **k: f"person{k['p']}_20210314_1{k['f'] % 2}0000_cell_{k['n']}",
        PEOPLE,
    ),
    "an unknown short word": ("PA-{p:02d}-f{f}-{c}", PEOPLE),
    "initials of a laboratory": ("KP{p}_F{f}_c{c}", PEOPLE),
    "a folder with a word": ("Patient_{p:02d}/img_{n}", PEOPLE),
    "folders all the way": ("person{p}/field{f}/cell{c}", PEOPLE),
    "sides of a split": (lambda **k: f"train/P{k['p']}_f{k['f']}_{k['c']}", PEOPLE),
    "a patient in the middle": ("malaria_thin_P{p}_F{f}_c{c}", PEOPLE),
    "plain numbers that count down the line": ("{p}_{f}_{c}", PEOPLE),
    "another script": ("paciente{p}_célula_{c}_{f}", PEOPLE),
    "with and without leading zeros": (
        lambda **k: f"P{k['p']:0{k['f'] % 3 + 1}d}_F{k['f']}_c{k['c']}",
        PEOPLE,
    ),
    "in either case": (lambda **k: f"{'pP'[k['f'] % 2]}atient{k['p']}_{k['n']}", PEOPLE),
    "MP-IDB": ("{p}-{n:04d}-R_T", SLIDES),
    "date, id, field, cell": ("2021-03-14_{p}_f{f:03d}_c{c}", IDS),
    "id and cell": ("{p}_{c}", IDS),
    "folder of an id": ("{p}/{n}", IDS),
    "a word and an id": ("subj_{p}_{n}", IDS),
    "a uuid with fields": (
        "{p}_f{f}_c{c}",
        tuple(UUID.format(each * 7919, each * 104729) for each in range(1, 9)),
    ),
}
NOTHING: dict[str, Template] = {
    "BBBC041": lambda **k: UUID.format(k["n"] * 7919, k["n"] * 104729),
    "cells of BBBC041": lambda **k: f"{UUID.format(k['m'] * 7919, k['m'] * 99991)}_{k['c']}",
    "Chula": "{n}",
    "IML, Olympus": lambda **k: f"PA17{1600 + k['n']}",
    "cells of Olympus": lambda **k: f"PA17{1600 + k['m']}_{k['c']}",
    "IMG_0001": "IMG_{n:04d}",
    "cells of IMG_0001": "IMG_{m:04d}_cell_{c}",
    "DSC00001": "DSC{n:05d}",
    "cells of DSC00001": "DSC{m:05d}_{c}",
    "Kaggle": "image_{n}",
    "Kaggle ids": lambda **k: f"ID_{k['n'] * 2654435761 % 2**48:012x}",
    "Roboflow": lambda **k: f"IMG_{k['m']:04d}_jpg.rf.{k['n'] * 2654435761 % 2**48:032x}",
    "counted": "cell_{n}",
    "counted in two": "{m}_{c}",
    "only fields": "F{m}_c{c}",
    "one patient": "57546_{m:02d}_{c}",
    "fields and rows of one patient": "57546_KP{p}_F{f}_c{c}",
    "one patient by name": "patient1_{m:02d}_{c}",
    "each its own patient": "patient{n}",
    "augmented": lambda **k: f"{k['m'] + 5000}_aug{k['c']}",
    "a patient each, augmented": lambda **k: f"patient{k['m']}_aug{k['c']}",
    "a c that is no case": lambda **k: f"c{k['c'] * 7 % 10}_F{k['f']}_{k['p']}",
    "class": lambda **k: f"class{k['n'] % 2}_{k['n']}",
    "dates": lambda **k: f"202103{k['m'] % 28 + 1:02d}_{k['n']}",
    "sizes": lambda **k: f"{k['m'] + 60}x{k['f'] + 60}_{k['n']}",
    "wells": lambda **k: f"{'ABCDEFGH'[k['p'] % 8]}{k['p']:02d}_s{k['f']}_w{k['c']}",
    "tiles": lambda **k: f"r{k['p']:02d}c{k['f']:02d}f{k['c']:02d}p01-ch1",
    "numbers the other way round": "{c}_{f}_{p}",
    "a p that is not first": "F{m}_p{p}_{c}",
    "patients numbered anew each day": lambda **k: (
        f"2021-03-{(k['p'] - 1) // 3 + 1:02d}_P{(k['p'] - 1) % 3 + 1}_{k['n']}"
    ),
    "patients numbered anew in each site": lambda **k: (
        f"site{(k['p'] - 1) // 3 + 1}/P{(k['p'] - 1) % 3 + 1}_{k['n']}"
    ),
    "words numbered anew in each laboratory": lambda **k: (
        f"lab{(k['p'] - 1) // 3 + 1}_patient{(k['p'] - 1) % 3 + 1}_{k['n']}"
    ),
    "a letter behind the number": lambda **k: f"patient{k['p']}{'ab'[k['f'] % 2]}_{k['n']}",
    "some with a patient": lambda **k: f"patient{k['p']}_{k['n']}" if k["f"] == 1 else f"{k['n']}",
}  # fmt: skip


@pytest.mark.parametrize("scheme", FOUND)
def test_patients_are_found(scheme: str) -> None:
    template, ids = FOUND[scheme]
    paths, truth = named(template, ids), named("{p}", ids)
    guess = guess_pattern(paths)
    assert guess is not None
    found = [parse_name(path, guess.pattern).patient for path in paths]
    assert len(set(zip(found, map(own, truth), strict=True))) == len(set(found)) == len(ids)
    assert (guess.patients, guess.nameless) == (len(ids), 0)
    assert guess.first == found[0]
    sizes = [found.count(each) for each in set(found)]
    assert (guess.least, guess.most) == (min(sizes), max(sizes))
    assert guess.mean == pytest.approx(len(paths) / len(ids))


def own(path: str) -> str:
    return path.split("/", 1)[1]


@pytest.mark.parametrize("scheme", NOTHING)
def test_rather_nothing_than_a_bad_guess(scheme: str) -> None:
    assert guess_pattern(named(NOTHING[scheme])) is None


def test_of_no_names_nothing_is_guessed() -> None:
    assert guess_pattern([]) is None
    assert guess_pattern(["a.png"]) is None
    assert guess_pattern(["", "/"]) is None


def test_fields_and_times_come_along_where_the_names_tell_them() -> None:
    (first, *_) = named("2021-03-14_{p}_f{f:03d}_c{c}", IDS)
    guess = guess_pattern(named("2021-03-14_{p}_f{f:03d}_c{c}", IDS))
    assert guess is not None
    assert parse_name(first, guess.pattern) == ("AB12", "AB12_f001", "2021-03-14", None)


def test_a_few_strange_names_are_told() -> None:
    paths = [*named("P{p:03d}_F{f}_c{c}"), "Uninfected/overview.png"]
    guess = guess_pattern(paths)
    assert guess is not None
    assert guess.nameless == 1


def test_a_pattern_can_be_typed_in_a_shell() -> None:
    for template, ids in FOUND.values():
        guess = guess_pattern(named(template, ids))
        assert guess is not None
        assert not re.search(r"[$!`\"']", guess.pattern)


def test_real_names(real_cells: Path, other_site: Path) -> None:
    nih = [file.relative_to(real_cells).as_posix() for file in real_cells.glob("*/*.png")]
    guess = guess_pattern(nih)
    assert guess is not None
    assert guess.patients == 80
    own_words = guess_pattern([path.replace("_cell_", "-") for path in nih])
    assert own_words is not None
    assert own_words.patients == 80
    others = [file.relative_to(other_site).as_posix() for file in other_site.glob("*/*.jpg")]
    assert guess_pattern(others) is None


PATIENTS = ("patient", "Pat", "subj_", "case-", "slide", "P", "S", "KP", "", "id_", "C", "PA-")
FIELDS = ("F", "f", "field", "img_", "IMG_", "fov", "", "DSC")
CELLS = ("c", "cell", "cell_", "n", "", "crop")
CROWDS: tuple[list[int] | list[str], ...] = (
    [*range(1, 9)],
    [*range(0, 30, 3)],
    [*range(5700, 9900, 411)],
    [*IDS],
)


@dataclass(frozen=True)
class Scheme:
    """How a set names its images."""

    words: tuple[str, str, str]
    order: tuple[int, ...]  # of patient, field, cell
    gap: str
    width: int
    date: bool
    people: list[int] | list[str]
    balanced: bool
    globally: tuple[bool, bool]  # whether fields and cells are numbered over all patients
    kept: float


def schemes() -> st.SearchStrategy[Scheme]:
    words = st.tuples(*map(st.sampled_from, (PATIENTS, FIELDS, CELLS)))
    orders = [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0), (0, 2), (2, 0)]
    return st.builds(
        Scheme,
        words,
        st.sampled_from([*orders, (1, 2), (2, 1)]),
        st.sampled_from(["_", "-", " ", ".", ""]),
        st.integers(1, 4),
        st.booleans(),
        st.sampled_from(CROWDS),
        st.booleans(),
        st.tuples(st.booleans(), st.booleans()),
        st.sampled_from([1.0, 0.6]),
    )


def drawn(scheme: Scheme, seed: int) -> Iterator[tuple[str, object]]:
    """Names of a set, each with its patient."""
    chance, fields, cells = random.Random(seed), 0, 0
    for at, patient in enumerate(scheme.people):
        for own_field in range(1, (4 if scheme.balanced else chance.randint(1, 6)) + 1):
            fields += 1
            for own_cell in range(1, (5 if scheme.balanced else chance.randint(2, 8)) + 1):
                cells += 1
                if chance.random() > scheme.kept:
                    continue
                field = fields if scheme.globally[0] else own_field
                cell = cells if scheme.globally[1] or 1 not in scheme.order else own_cell
                values = [f"{each:0{scheme.width}d}" for each in (field, cell)]
                values.insert(0, str(patient).zfill(scheme.width))
                parts = [scheme.words[part] + values[part] for part in scheme.order]
                if scheme.date:
                    parts.insert(0, f"2021-03-{at + 1:02d}")
                name = (scheme.gap or ("" if all(scheme.words) else "_")).join(parts)
                yield f"{chance.choice(CLASSES)}/{name}.png", patient


@given(schemes(), st.integers(0, 10**6))
def test_what_is_found_is_the_patients(scheme: Scheme, seed: int) -> None:
    pairs = list(drawn(scheme, seed))
    guess = guess_pattern([path for path, _ in pairs])
    if guess is not None:
        found = {(parse_name(path, guess.pattern).patient, patient) for path, patient in pairs}
        names, people = {name for name, _ in found}, {patient for _, patient in pairs}
        assert 0 in scheme.order, guess.pattern
        assert len(found) == len(names) == len(people), guess.pattern


def test_most_sets_with_a_telling_word_are_understood() -> None:
    asked = [f"{word}{{p}}{gap}{field}{{f}}{gap}c{{c}}" for word in PATIENTS[:7] for gap in "_-"
             for field in ("F", "field", "img")]  # fmt: skip
    assert all(guess_pattern(named(template)) for template in asked)
