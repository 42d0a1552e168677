"""The section `registry`: how decisions about models are made and kept.

Settings of earlier versions lack most of it: each has a default.
"""

from typing import Annotated

from pydantic import Field

from smearflow.ground.settings import Settings


class Limits(Settings):
    """What a release may take at most, started once on this machine.

    Attributes:
        file_megabytes: size of the model's file, of a million bytes.
        milliseconds: from pixels to probability of a cell, 95th percentile.
        memory_megabytes: peak of the process.
        load_seconds: until it answers.
    """

    file_megabytes: Annotated[float, Field(gt=0)] = 20.0
    milliseconds: Annotated[float, Field(gt=0)] = 100.0
    memory_megabytes: Annotated[float, Field(gt=0)] = 500.0
    load_seconds: Annotated[float, Field(gt=0)] = 10.0


class RegistrySettings(Settings):
    """Attributes:
    share: whether a promotion is pushed at once, to git's origin and DVC's default remote.
    margin: by how much a challenger may be worse in accuracy, sensitivity and specificity.
    confidence: that it is not, one-sided.
    least_patients: of a class, that tell anything about a site.
    approval: whether a person must approve each promotion after the first.
    licence: of the weights, as the model card states it; None: not stated.
    limits: of a release.
    """

    share: bool
    margin: Annotated[float, Field(gt=0, lt=1)] = 0.02
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    least_patients: Annotated[int, Field(ge=2)] = 8
    approval: bool = False
    licence: str | None = None
    limits: Limits = Limits()
