"""Bayesian optimisation in the space that exploration left, on a share of the training patients."""

import json

from smearflow.cells.arrays import load_side, patient_fraction
from smearflow.files import write_json
from smearflow.model.backbone import backbone_of
from smearflow.model.hypermodel import MobileNetHyperModel
from smearflow.params import Configuration, Params
from smearflow.search.pictures import plot_trials
from smearflow.search.plan import label
from smearflow.search.tuner import TrialRecord, best_trial, search
from stages.runner import Folders, run


def tune(params: Params, folders: Folders) -> None:
    """Search for the configuration with the lowest validation loss."""
    backbone = backbone_of(params.model, folders.root)
    train = load_side(folders.inputs("split"), "train")
    space = json.loads((folders.inputs("explore") / "space.json").read_text())
    base = params.model.configuration.model_dump() | space["fixed"] | {"epochs": params.tune.epochs}
    hypermodel = MobileNetHyperModel(
        train.take(patient_fraction(train, params.tune.train_fraction, "tune")),
        load_side(folders.inputs("split"), "validation"),
        backbone,
        Configuration.model_validate(base),
        space["parameters"],
        seed=params.tune.seed,
        input_range=params.model.input_range,
    )

    def report(trial: TrialRecord, seconds: float | None) -> None:
        took = "kept from before" if seconds is None else f"{seconds:.0f} s"
        number = int(trial["trial_id"]) + 1
        settings = label({name: trial["configuration"][name] for name in space["parameters"]})
        outcome = trial["message"] or f"val_loss {trial['val_loss']:.4f}"
        print(
            f"tune {number} of {params.tune.trials}: {settings} -> {outcome} ({took})", flush=True
        )

    trials = search(hypermodel, params.tune.trials, params.tune.seed, folders.work, report)
    best = best_trial(trials)
    write_json(folders.outputs / "trials.json", trials)
    write_json(
        folders.outputs / "best.json",
        {name: best[name] for name in ("configuration", "trial_id", "val_loss", "val_accuracy")},
    )
    plot_trials(trials, folders.reports / "trials.png")


if __name__ == "__main__":
    run(tune)
