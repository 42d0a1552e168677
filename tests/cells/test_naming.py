from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smearflow.cells.naming import Name, parse_name

OTHER_SITE = r"(?P<patient>\d+)_(?P<field>\d+)_\d+"


@pytest.mark.parametrize(
    ("stem", "patient", "field"),
    [
        ("C100P61ThinF_IMG_20150918_144104_cell_162", "C100", "C100P61ThinF_IMG_20150918_144104"),
        ("C1_thinF_IMG_20150604_104722_cell_9", "C1", "C1_thinF_IMG_20150604_104722"),
        ("C33P1thinF_IMG_20150619_114756a_cell_179", "C33", "C33P1thinF_IMG_20150619_114756a"),
        ("C182P143NThinF_IMG_20151201_171_cell_109", "C182", "C182P143NThinF_IMG_20151201_171"),
        ("C68P29N_ThinF_IMG_20150819_133236_cell_123", "C68", "C68P29N_ThinF_IMG_20150819_133236"),
        ("C47P8thinOriginal_Motic_IMG_1_cell_3", "C47", "C47P8thinOriginal_Motic_IMG_1"),
        ("C9_cell_2_cell_7", "C9", "C9_cell_2"),
        ("C12_no_field", "C12", None),
        ("C0001", None, None),
        ("Cell_12", None, None),
        ("xC12P1_cell_3", None, None),
        ("57546_01_1011", None, None),
        ("", None, None),
    ],
)  # fmt: skip
def test_nih_names(stem: str, patient: str | None, field: str | None) -> None:
    assert parse_name(stem) == Name(patient, field)


@pytest.mark.parametrize(
    ("pattern", "stem", "expected"),
    [
        (OTHER_SITE, "57546_06_418", Name("57546", "06")),
        (OTHER_SITE, "unknown", Name(None, None)),
        (r"patient-(?P<patient>\w+)", "slide3_patient-7b", Name("7b", None)),
        (r"^(?P<patient>\d*)_(?P<field>\d+)?", "_x", Name(None, None)),
        (r"(?P<site>[A-Z])-(?P<patient>\d)-(?P<time>\d+)", "A-7-93", Name("7", None, "93", "A")),
        # the file's own name first, then the folders outwards
        (r"P(?P<patient>\d+)", "P1/P2/P3.png", Name("3")),
        (r"P(?P<patient>\d+)", "P1/P2/x.png", Name("2")),
        (r"^(?P<patient>\w+)_", "P1_a/Infected/x.png", Name("P1")),
        # with a slash the whole path, its suffix left out
        (r"^(?P<patient>[^/]+)/[^/]+/(?P<field>\d+)$", "P1/Infected/7.png", Name("P1", "7")),
        (r"^(?P<patient>[^/]+)/x/", "P1/y/7.png", Name()),
    ],
)
def test_own_pattern(pattern: str, stem: str, expected: Name) -> None:
    assert parse_name(stem, pattern) == expected


@given(
    number=st.integers(0, 10**6),
    middle=st.from_regex(r"\A(|[A-Za-z_][A-Za-z0-9_]*)\Z"),
    cell=st.integers(0, 10**4),
)
def test_any_spelling_between_patient_and_cell(number: int, middle: str, cell: int) -> None:
    field = f"C{number}{middle}"
    assert parse_name(f"{field}_cell_{cell}") == Name(f"C{number}", field)


def test_every_real_name_tells_patient_and_field(real_cells: Path) -> None:
    names = [parse_name(file.stem) for file in real_cells.glob("*/*.png")]
    assert all(name.patient and name.field for name in names)
    assert len({name.patient for name in names}) == 80


def test_the_other_site_is_one_patient(other_site: Path) -> None:
    names = [parse_name(file.stem, OTHER_SITE) for file in other_site.glob("*/*.jpg")]
    assert {name.patient for name in names} == {"57546"}
    assert len({name.field for name in names}) > 20
