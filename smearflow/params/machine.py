"""The sections `engine` and `locations`: what belongs to a machine; no result depends on it."""

from typing import Annotated

from pydantic import Field

from smearflow.ground.settings import Settings


class Engine(Settings):
    """Where runs go on, and how many at the same time; no result depends on it.

    Attributes:
        workers: processes on this machine; None: one per core.
        scheduler: address of a Dask scheduler, whose workers then take their place.
    """

    workers: Annotated[int, Field(ge=1)] | None
    scheduler: Annotated[str, Field(pattern=r"^(tcp|tls|ucx|ws|wss)://\S+:\d+$")] | None


Locations = dict[str, str | None]
"""Local folder or archive by the name of a source, or `backbone`. No result depends on it: what is
kept there is pinned by its hash, in the sections that name it."""
