import logging
from pathlib import Path
from typing import Any

import pytest
from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
from tensorboard.context import RequestContext
from tensorboard.plugins.base_plugin import TBContext
from tensorboard.plugins.hparams import (
    api_pb2,
    backend_context,
    get_experiment,
    list_session_groups,
)

from smearflow.hparams import METRIC, write_hparams
from tests.report.exploration.files import runs

VARIED = ("learning_rate", "optimizer", "augment", "gradient_clip", "trainable")


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> backend_context.Context:
    """What TensorBoard's HParams view is made from, read back from the files."""
    folder: Path = tmp_path_factory.mktemp("tensorboard")
    write_hparams(folder, runs(), VARIED)
    logging.getLogger("tensorboard").setLevel(logging.ERROR)
    multiplexer = plugin_event_multiplexer.EventMultiplexer()
    multiplexer.AddRunsFromDirectory(str(folder))
    multiplexer.Reload()
    provider = data_provider.MultiplexerDataProvider(multiplexer, str(folder))
    return backend_context.Context(TBContext(data_provider=provider))


def experiment(view: backend_context.Context) -> Any:
    return get_experiment.Handler(RequestContext(), view, "", api_pb2.GetExperimentRequest()).run()


def test_every_parameter_has_an_axis_with_a_scale(view: backend_context.Context) -> None:
    axes = {each.name: each for each in experiment(view).hparam_infos}
    assert set(axes) == set(VARIED)
    interval = axes["learning_rate"].domain_interval
    assert interval.min_value == interval.max_value == 0.0002
    choices = {
        name: [each.bool_value if name == "augment" else each.string_value for each in values]
        for name in ("optimizer", "augment", "gradient_clip", "trainable")
        if (values := axes[name].domain_discrete.values)
    }
    assert choices == {
        "optimizer": ["adam", "sgd"],
        "augment": [True],
        "gradient_clip": ["1.0", "none"],
        "trainable": ["all"],
    }


def test_every_run_is_a_line_that_ends_at_its_best_loss(view: backend_context.Context) -> None:
    request = api_pb2.ListSessionGroupsRequest(start_index=0, slice_size=10)
    request.allowed_statuses.extend(
        [api_pb2.STATUS_UNKNOWN, api_pb2.STATUS_SUCCESS, api_pb2.STATUS_RUNNING]
    )
    found = experiment(view)
    groups = list_session_groups.Handler(RequestContext(), view, "", request).run().session_groups
    lines = {
        group.sessions[0].name: (
            group.hparams["optimizer"].string_value,
            [round(each.value, 6) for each in group.metric_values],
        )
        for group in groups
    }
    assert [info.name.tag for info in found.metric_infos] == [METRIC]
    assert lines == {
        "a1": ("adam", [0.2]),
        "a2": ("adam", [0.22]),
        "s1": ("sgd", [0.3]),
        "s2": ("sgd", []),
    }
