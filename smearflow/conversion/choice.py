"""Which of the converted files ships: the fastest within size that is not worse than the model."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from smearflow.assessment.paired import Scores, paired_differences
from smearflow.evaluation.threshold import choose_threshold
from smearflow.params.export import Export, Margins
from smearflow.records.edge import EdgeFile

WHOLE = 2  # pieces: XNNPACK may need one for what runs in float32 first, and one for the rest
Probabilities = npt.NDArray[np.float32]


def judge(
    targets: npt.NDArray[np.int8],
    patients: npt.NDArray[np.str_],
    probabilities: Probabilities,
    model: Scores,
    settings: Export,
) -> dict[str, object]:
    """What the validation cells show of a converted file beside the model it was made from.

    Quantising moves probabilities, which is no error while cells keep their order. So the file gets
    a threshold of its own, by the rule for the model's: the highest up to 0.5 by which it finds as
    many of the positive cells as the model does. Each is judged at its own.

    Args:
        targets: [n], 1 = positive.
        patients: [n], which patient each cell is of.
        probabilities: [n], by the file.
        model: the Keras model's.

    Returns:
        threshold, agreement, largest_difference, differences and no_worse of `EdgeFile`.

    Raises:
        SmearflowError: no cell is positive.
    """
    called_by_model = model.probabilities >= model.threshold
    sensitivity = float(called_by_model[targets == 1].mean())
    threshold = choose_threshold(targets, probabilities, sensitivity)
    differences = paired_differences(
        targets,
        patients,
        Scores(probabilities, threshold),
        model,
        metrics=tuple(Margins.model_fields),
        samples=settings.bootstrap_samples,
        seed=settings.seed,
    )
    return {
        "threshold": threshold,
        "agreement": float(((probabilities >= threshold) == called_by_model).mean()),
        "largest_difference": float(np.abs(probabilities - model.probabilities).max()),
        "differences": {name: found.model_dump() for name, found in differences.items()},
        "no_worse": all(differences[name].no_worse_by(margin) for name, margin in settings.margins),
    }


def choose_file(files: Mapping[str, EdgeFile], fallback: str) -> str:
    """The fastest of the files that are no worse than the model and small enough.

    Where there is none, the smallest of those that are no worse; where none is, `fallback`.

    What is fastest is told by what the file is made of, not by a clock, so that the same model
    gives the same choice under any load: integer arithmetic that XNNPACK runs as a whole, then
    float arithmetic, then integers that it runs in pieces; and the smaller before the larger.
    """
    no_worse = {name: file for name, file in files.items() if file.no_worse}
    fitting = {name: file for name, file in no_worse.items() if file.small_enough}
    if fitting:
        return min(fitting, key=lambda name: (_slowness(fitting[name]), fitting[name].bytes))
    return min(no_worse, key=lambda name: no_worse[name].bytes, default=fallback)


def _slowness(file: EdgeFile) -> int:
    if file.arithmetic == "float32":
        return 1
    return 0 if 1 <= (file.pieces or 0) <= WHOLE else 2
