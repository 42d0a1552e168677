"""Patient and field of view, read from the name of an image file and of the folders it lies in."""

import re
from pathlib import PurePosixPath
from typing import NamedTuple

# `C100P61ThinF_IMG_20150918_144104_cell_162`: the patient is C100; the field of view, one
# photograph through the microscope, is everything before `_cell_`. What stands between the two
# differs over the NLM/NIH set (`C1_thinF_...`, `C33P1thinF_...`, `C182P143NThinF_...`,
# `C68P29N_ThinF_...`) and is of no interest, hence the lookahead. Something must follow the digits:
# `C0001` alone is the number of a picture, as cameras and exports give it.
NIH_PATTERN = r"^(?=(?P<patient>C[0-9]+)[^0-9])(?:(?P<field>.+)_cell_)?"


class Name(NamedTuple):
    """What is known of where a cell comes from; None where nothing is.

    Attributes:
        patient: whose it is.
        field: of view, one photograph through the microscope.
        time: when it was photographed, in any form; equal where it is the same.
        site: laboratory or microscope.
    """

    patient: str | None = None
    field: str | None = None
    time: str | None = None
    site: str | None = None


def tells_patients(pattern: str | None) -> bool:
    """Whether a pattern is made to find patients; as without one, that of the NLM/NIH set."""
    return "patient" in re.compile(pattern or NIH_PATTERN).groupindex


def own_id(patient: str) -> str:
    """The id in `<source>/<id>`.

    Cells that came in by two sources under one id may be of one person: whatever keeps the cells of
    a person together goes by it.
    """
    return patient.partition("/")[2]


def parse_name(path: str, pattern: str | None = None) -> Name:
    """Find patient, field of view, time and site in the path of a file.

    A pattern with a slash in it is searched for in the whole path without the file's suffix. One
    without is searched for in the file's name, and where it is not found there in the name of the
    folder that holds the file, and so on outwards.

    Args:
        path: of the file in its source, `/` between folders.
        pattern: a regular expression with groups `patient`, `field`, `time` and `site`, those that
            the names tell; None for the names of the NLM/NIH set.
    """
    expression = pattern or NIH_PATTERN
    whole = PurePosixPath(path).with_suffix("") if path else PurePosixPath()
    texts = [str(whole)] if "/" in expression else reversed(whole.parts)
    for text in texts:
        if match := re.search(expression, text):
            groups = match.groupdict()
            return Name(**{name: groups.get(name) or None for name in Name._fields})
    return Name()
