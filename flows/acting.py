"""Monitoring that acts by itself: what a service does on an event, without a service."""

from pathlib import Path

from prefect import flow

from flows import PROJECT
from flows.asking import may_retrain
from flows.monitoring import DEFAULT_WINDOW, monitoring
from flows.retraining import retraining
from smearflow.release.policy import Asker

_ASKERS: tuple[Asker, ...] = ("drift", "labels")


@flow(flow_run_name="acting on {profile}", persist_result=False)
def acting(profile: str, window: Path = DEFAULT_WINDOW) -> str:
    """Judge a window, and retrain at once where drift or labels ask for it.

    Args:
        profile: whose champion judges.
        window: as of `monitoring`.

    Returns:
        What was decided, and why.

    Raises:
        SmearflowError: as of `monitoring` and `retraining`.
    """
    monitoring(profile, window)
    reasons = []
    for asker in _ASKERS:
        decision = may_retrain(PROJECT, profile, asker)
        if decision:
            return retraining(profile, asker=asker)
        reasons.append(f"{asker}: {decision.reason}")
    told = f"no retraining: {'; '.join(reasons)}"
    print(told, flush=True)
    return told
