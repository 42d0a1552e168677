"""The space of a search: what the stage analyse leaves for tune, and what tune searched."""

from smearflow.ground.record import Record
from smearflow.params.model import Setting
from smearflow.records.search.dimensions import Dimension


class Space(Record):
    """What is searched, and what is held.

    Attributes:
        parameters: per field of the configuration the values to search.
        fixed: fields that are held at a value other than, or the same as, the base's.
    """

    STAGE, NAME = "analyse", "space.json"

    parameters: dict[str, Dimension]
    fixed: Setting
