from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from smearflow.ground.errors import SmearflowError
from smearflow.model.fit import fit_blindly
from smearflow.model.weighting import class_weights
from smearflow.params.model import Configuration
from smearflow.sides.side import Side
from smearflow.studies.crossval import cross_validate, fold_table
from tests.toy_sides import INPUT_RANGE, SHARE, SHORT, toy_side, with_rare_positives

SIDE = toy_side(patients=6, prefix="lab/")
BLIND = Configuration.model_validate(SHORT.model_dump() | {"epochs": 1})


def validate(backbone: Path, work: Path, side: Side = SIDE, **options: Any) -> pd.DataFrame:
    usual = {"configuration": BLIND, "folds": 2, "seed": 1, "training_seed": 1}
    arguments: dict[str, Any] = usual | {"least_class_share": SHARE} | options
    return cross_validate(side, backbone, work=work, input_range=INPUT_RANGE, **arguments)


def test_pooled_predictions_and_resuming(
    hub_module: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    seen: list[set[str]] = []

    def watched(model: Any, side: Any, *args: Any, **kwargs: Any) -> None:
        seen.append(set(side.patients))
        fit_blindly(model, side, *args, **kwargs)

    monkeypatch.setattr("smearflow.studies.crossval.fit_blindly", watched)
    pooled = validate(hub_module, tmp_path)
    assert pooled["cell_id"].tolist() == SIDE.table["cell_id"].tolist()
    assert pooled["target"].tolist() == SIDE.targets.tolist()
    assert pooled["probability"].between(0, 1).all()
    for number, patients in enumerate(seen, start=1):
        assert not patients & set(pooled.loc[pooled["fold"] == number, "patient"])
    table = fold_table(pooled)
    assert table["cells"].sum() == len(SIDE.targets)
    assert table["patients"].sum() == 6
    assert "crossval 2 of 2:" in capsys.readouterr().out

    next(tmp_path.glob("*-2.parquet")).unlink()
    pd.testing.assert_frame_equal(validate(hub_module, tmp_path), pooled)
    assert len(seen) == 3
    validate(hub_module, tmp_path, seed=2)
    assert len(seen) == 5


@pytest.mark.parametrize("what", ["patient", "target", "pixels"])
def test_folds_of_other_cells_of_the_same_names_are_not_reused(
    what: str, hub_module: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained: list[int] = []

    def predict(train: Side, pixels: np.ndarray, *_: Any) -> np.ndarray:
        trained.append(len(train.targets))
        return np.zeros(len(pixels), np.float32)

    monkeypatch.setattr("smearflow.studies.crossval._train_and_predict", predict)
    pixels, table = SIDE.pixels.copy(), SIDE.table.copy()
    if what == "patient":
        table["patient"] += " corrected"
    elif what == "target":
        table["target"] = 1 - table["target"]
    else:
        pixels[0, 0, 0, 0] ^= 1
    validate(hub_module, tmp_path)
    validate(hub_module, tmp_path)
    assert len(trained) == 2
    found = validate(hub_module, tmp_path, Side(pixels, table))
    assert len(trained) == 4
    assert found["patient"].tolist() == table["patient"].tolist()
    assert found["target"].tolist() == table["target"].tolist()


def test_a_rare_class_weighs_by_the_training_cells_of_a_fold(
    hub_module: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    def watched(model: Any, side: Side, *args: Any, **kwargs: Any) -> None:
        seen.append((class_weights(side.targets, SHARE), kwargs["weights"]))
        fit_blindly(model, side, *args, **kwargs)

    monkeypatch.setattr("smearflow.studies.crossval.fit_blindly", watched)
    rare = with_rare_positives(SIDE, 6)
    weighted = validate(hub_module, tmp_path, rare)
    never = validate(hub_module, tmp_path, rare, least_class_share=0.0)
    assert all(own == given for own, given in seen[:2])
    assert None not in [given for _, given in seen[:2]]
    assert [given for _, given in seen[2:]] == [None, None]
    assert weighted["probability"].mean() > never["probability"].mean()


def test_a_fold_that_diverges_is_an_error(hub_module: Path, tmp_path: Path) -> None:
    wild = Configuration.model_validate(
        BLIND.model_dump() | {"optimizer": "sgd", "learning_rate": 10.0, "epochs": 20}
    )
    with pytest.raises(SmearflowError, match="ceased to be finite"):
        validate(hub_module, tmp_path, configuration=wild)
    assert not list(tmp_path.iterdir())
