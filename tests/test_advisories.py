"""Versions with known holes: none is locked, and the floors of what is named exclude them."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from typing import TypedDict

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version
from ruamel.yaml import YAML

from tests.material import PROJECT


class Advisory(TypedDict, total=False):
    package: str
    id: str
    affected: str
    what: str
    accepted: str


ADVISORIES: list[Advisory] = YAML(typ="safe").load(PROJECT / "tests/advisories.yaml")


@cache
def locked() -> dict[str, set[Version]]:
    """The versions of each package in the lock: several, where Pythons differ."""
    found: dict[str, set[Version]] = {}
    for line in (PROJECT / "requirements.lock").read_text().splitlines():
        if "==" in line and not line.startswith((" ", "#")):
            requirement = Requirement(line.partition("\\")[0])
            (pin,) = requirement.specifier
            found.setdefault(canonicalize_name(requirement.name), set()).add(Version(pin.version))
    return found


def required() -> Iterator[Requirement]:
    """What the project names itself, to run and to be built."""
    for file in ("pyproject.toml", "edge/pyproject.toml"):
        whole = tomllib.loads((PROJECT / file).read_text())
        names = [*whole["build-system"]["requires"], *whole["project"].get("dependencies", [])]
        yield from map(Requirement, names)


def floor(requirement: Requirement) -> Version:
    (lowest,) = (each.version for each in requirement.specifier if each.operator == ">=")
    return Version(lowest)


def has_hole(version: Version, advisory: Advisory) -> bool:
    return SpecifierSet(advisory["affected"]).contains(version, prereleases=True)


@pytest.mark.parametrize("advisory", ADVISORIES, ids=lambda each: f"{each['package']} {each['id']}")
def test_no_version_with_a_known_hole_is_locked(advisory: Advisory) -> None:
    versions = locked()[advisory["package"]]  # what left the lock leaves the list
    having = {version for version in versions if has_hole(version, advisory)}
    if "accepted" in advisory:
        assert having, "the hole is mended: take back that it is accepted"
    else:
        assert not having, f"raise the floor beyond {advisory['affected']}, then make lock"


@pytest.mark.parametrize("requirement", list(required()), ids=str)
def test_no_floor_allows_a_version_with_a_known_hole(requirement: Requirement) -> None:
    named = [each for each in ADVISORIES if each["package"] == canonicalize_name(requirement.name)]
    for advisory in named:
        assert "accepted" in advisory or not has_hole(floor(requirement), advisory), advisory["id"]
        # the hole of a later version, which the floor alone does not exclude, would be allowed
        first = re.match(r">=([\d.]+)", advisory["affected"])
        assert first is None or Version(first[1]) <= floor(requirement), advisory["id"]


def test_the_list_is_well_formed() -> None:
    for advisory in ADVISORIES:
        assert set(advisory) - {"accepted"} == {"package", "id", "affected", "what"}
        assert re.fullmatch(r"(CVE|PYSEC)-\d{4}-\d+|GHSA(-\w{4}){3}", advisory["id"])
        assert advisory["package"] == canonicalize_name(advisory["package"])
    assert len({each["id"] for each in ADVISORIES}) == len(ADVISORIES)
