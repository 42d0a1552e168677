"""The section `alerts`: who is told of drift, beside the terminal and the log."""

from typing import Annotated

from pydantic import Field

from smearflow.ground.settings import Settings

_BLOCK = r"^[a-z0-9-]+/[a-z0-9-]+$"


class Alerts(Settings):
    """Attributes:
    blocks: notification blocks of the Prefect server, each `<type>/<name>`.
    """

    blocks: tuple[Annotated[str, Field(pattern=_BLOCK)], ...] = ()
