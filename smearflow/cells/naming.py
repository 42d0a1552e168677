"""Patient and field of view, read from the name of an image file."""

import re
from typing import NamedTuple

# `C100P61ThinF_IMG_20150918_144104_cell_162`: the patient is C100; the field of view, one
# photograph through the microscope, is everything before `_cell_`. What stands between the two
# differs over the NLM/NIH set (`C1_thinF_...`, `C33P1thinF_...`, `C182P143NThinF_...`,
# `C68P29N_ThinF_...`) and is of no interest, hence the lookahead. Something must follow the digits:
# `C0001` alone is the number of a picture, as cameras and exports give it.
NIH_PATTERN = r"^(?=(?P<patient>C[0-9]+)[^0-9])(?:(?P<field>.+)_cell_)?"


class Name(NamedTuple):
    """What a file name tells; None where it does not."""

    patient: str | None
    field: str | None


def own_id(patient: str) -> str:
    """The id in `<source>/<id>`.

    Cells that came in by two sources under one id may be of one person: whatever keeps the cells of
    a person together goes by it.
    """
    return patient.partition("/")[2]


def parse_name(stem: str, pattern: str | None = None) -> Name:
    """Find patient and field of view in a file name without its suffix.

    Args:
        pattern: a regular expression, searched for anywhere in the name, with a group `patient`
            and, if the names tell it, a group `field`; None for the names of the NLM/NIH set.
    """
    match = re.search(pattern or NIH_PATTERN, stem)
    groups = match.groupdict() if match else {}
    return Name(groups.get("patient") or None, groups.get("field") or None)
