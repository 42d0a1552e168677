"""The section `registry`: how decisions are kept."""

from smearflow.ground.settings import Settings


class RegistrySettings(Settings):
    """Attributes:
    share: whether a promotion is pushed at once, to git's origin and DVC's default remote.
    """

    share: bool
