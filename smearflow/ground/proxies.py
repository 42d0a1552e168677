"""The proxies that the environment names: this machine is never reached over one of them."""

import os
from collections.abc import Mapping

from smearflow.ground.errors import SmearflowError

LOOPBACK = ("localhost", "127.0.0.1", "::1")
_SPELLINGS = ("NO_PROXY", "no_proxy")


def loopback_exempted(environment: Mapping[str, str]) -> dict[str, str]:
    """What has to be set so that no program takes the detour over a proxy to this machine.

    Both spellings, as some programs read the one and some the other; what is exempt already stays
    so.

    Returns:
        Nothing where no proxy is named: on macOS an exemption alone hides the system's proxies.
    """
    if not _named(environment):
        return {}
    return {
        name: _extended(environment.get(name, environment.get(other, "")))
        for name, other in (_SPELLINGS, _SPELLINGS[::-1])
    }


def check_proxies() -> None:
    """Look whether the proxies of the environment are of a kind that httpx, and so Prefect, takes.

    Raises:
        SmearflowError: they are not; httpx would refuse even what goes to this machine.
    """
    import httpx  # a device has none

    try:
        httpx.Client().close()
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        names = ", ".join([*_named(os.environ), "NO_PROXY"])
        raise SmearflowError(
            f"the proxies of the environment can't be used ({names}): {_reason(error)}",
            "name an HTTP proxy there, as in http://proxy:3128, or unset the one that is wrong",
        ) from error


def _reason(error: Exception) -> str:
    return "SOCKS is not supported" if isinstance(error, ImportError) else str(error)


def _named(environment: Mapping[str, str]) -> list[str]:
    """The variables that name a proxy."""
    return sorted(
        name
        for name, value in environment.items()
        if value and name.lower().endswith("_proxy") and name.lower() != "no_proxy"
    )


def _extended(exempt: str) -> str:
    known = [host.strip().strip("[]") for host in exempt.split(",")]  # httpx fails on brackets
    if known == ["*"]:  # with anything beside it, urllib does not take it for everything
        return "*"
    return ",".join(filter(None, [*known, *(host for host in LOOPBACK if host not in known)]))
