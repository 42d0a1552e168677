"""The whole of params.yaml, checked at once: the first stage and every flow read it so."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from smearflow.ground.settings import Settings, load_yaml, validated
from smearflow.params.alerts import Alerts
from smearflow.params.baseline import Baseline
from smearflow.params.crossval import Crossval
from smearflow.params.evaluate import Evaluate
from smearflow.params.explore import Explore
from smearflow.params.export import Export
from smearflow.params.feedback import Feedback
from smearflow.params.ingest import Ingest
from smearflow.params.machine import Engine, Locations
from smearflow.params.model import Model
from smearflow.params.monitor import Monitor
from smearflow.params.problem import Problem
from smearflow.params.registry import RegistrySettings
from smearflow.params.retrain import Retrain
from smearflow.params.split import Split
from smearflow.params.train import Train
from smearflow.params.tune import Tune
from smearflow.params.validate import Validate


class Params(Settings):
    """The whole of params.yaml."""

    problem: Problem
    ingest: Ingest
    validate_: Annotated[Validate, Field(alias="validate")]
    split: Split
    model: Model
    explore: Explore
    tune: Tune
    train: Train
    export: Export
    evaluate: Evaluate
    baseline: Baseline
    monitor: Monitor
    crossval: Crossval
    engine: Engine
    locations: Locations
    registry: RegistrySettings
    feedback: Feedback = Feedback()
    retrain: Retrain = Retrain()
    alerts: Alerts = Alerts()


def load_params(path: Path) -> Params:
    """Read and validate a parameter file.

    Raises:
        SmearflowError: the file is missing, is no YAML, or holds an unknown, missing or wrong key;
            the message names the key.
    """
    return validated(Params, load_yaml(path), path)


def texts_wanted(settings: Any) -> set[str]:
    """Dotted keys at which settings have something else than the text that belongs there."""
    try:
        Params.model_validate(settings)
    except ValidationError as error:
        places = [
            [str(part) for part in each["loc"]]
            for each in error.errors(include_url=False)
            if each["type"] == "string_type"
        ]
        # where there is a choice, pydantic names the kind that does not fit behind the key
        return {".".join(place[:-1] if place[-1] == "str" else place) for place in places}
    return set()
