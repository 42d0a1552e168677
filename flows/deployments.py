"""`smearflow schedule`: the three flows as deployments, with a schedule and what drift sets off."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from prefect import Flow, serve
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.events import DeploymentEventTrigger
from prefect.types.entrypoint import EntrypointType

from flows import PROJECT
from flows.events import DRIFT_EVENT, READY_EVENT, event_resource
from flows.monitoring import monitoring
from flows.retraining import retraining
from flows.server import connection, running_server
from flows.training import training
from smearflow.ground.proxies import check_proxies

DAILY = "0 6 * * *"
POLL_SECONDS = 2.0


def deployments(profile: str) -> list[RunnerDeployment]:
    """The flows of a profile: training on demand, monitoring daily, retraining after drift."""
    # further drift during a retraining asks for nothing that it would not bring
    one_at_a_time = ConcurrencyLimitConfig(
        limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW
    )
    return [
        _deployment(training, profile),
        _deployment(monitoring, profile, cron=DAILY),
        _deployment(
            retraining,
            profile,
            triggers=[_on_drift(profile), _on_labels(profile)],
            concurrency_limit=one_at_a_time,
        ),
    ]


def _deployment(flow: Flow[..., Any], profile: str, **settings: Any) -> RunnerDeployment:
    deployment = flow.to_deployment(
        profile,
        parameters={"profile": profile},
        entrypoint_type=EntrypointType.MODULE_PATH,
        **({"concurrency_limit": 1} | settings),
    )
    assert isinstance(deployment, RunnerDeployment)  # a coroutine only in asynchronous code
    return deployment


def _on_drift(profile: str) -> DeploymentEventTrigger:
    """A run gets the event's payload."""
    payload = {"__prefect_kind": "jinja", "template": "{{ event.payload | tojson }}"}
    drift = {"__prefect_kind": "json", "value": payload}
    return _on_event(profile, DRIFT_EVENT, f"drift of {profile}", {"drift": drift})


def _on_labels(profile: str) -> DeploymentEventTrigger:
    return _on_event(profile, READY_EVENT, f"labels for {profile}", {"asker": "labels"})


def _on_event(
    profile: str, event: str, what: str, parameters: dict[str, Any]
) -> DeploymentEventTrigger:
    """Several such events within a minute make one run."""
    return DeploymentEventTrigger(
        name=f"{what}: retraining",
        expect={event},
        match={"prefect.resource.id": event_resource(profile)},
        for_each={"prefect.resource.id"},
        threshold=1,
        within=timedelta(seconds=60),
        parameters={"profile": profile, **parameters},
    )


def serve_profile(profile: str, port: int) -> None:
    """Serve the flows of a profile until Ctrl-C, with the Prefect UI.

    Raises:
        SmearflowError: no server became ready.
    """
    # runs are processes that import the flows by name, in this folder
    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parents[1])
    check_proxies()
    with running_server(PROJECT, port) as url, connection(url):
        print(f"Prefect UI: {url} (Ctrl-C ends it and the service)", flush=True)
        serve(*deployments(profile), query_seconds=POLL_SECONDS, print_starting_message=False)
