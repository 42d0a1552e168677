import numpy as np
import pandas as pd

from smearflow.assessment.partitions import look_parts, patient_parts, stain_parts

COLOURS = {"pale": (0.1, 0.2, 0.1), "pink": (0.1, 0.4, 0.3), "blue": (0.5, 0.4, 0.2)}


def stained(*names: str, cells: int = 30, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    means = np.repeat([COLOURS[name] for name in names], cells, axis=0)
    columns = ["red_mean", "green_mean", "blue_mean"]
    table = pd.DataFrame(means + rng.normal(0, 0.005, means.shape), columns=columns)
    spreads = ["red_spread", "green_spread", "blue_spread"]
    return table.assign(**dict.fromkeys(spreads, 0.05))


def test_stains_are_found_on_training_cells_and_numbered_from_the_palest() -> None:
    training = stained("blue", "pale", "pink", cells=100)
    found, densities = stain_parts(training, stained("pink", "pale", "blue", "pale"))
    parts = [set(found.parts[at : at + 30]) for at in range(0, 120, 30)]
    assert parts[1] == parts[3]
    assert [min(each) for each in parts[1:3]] == sorted(min(each) for each in parts[1:3])
    assert not parts[0] & parts[1]
    assert not parts[1] & parts[2]
    sums = [sum(each) for each in densities]
    assert sums == sorted(sums)
    assert np.allclose(densities[0], COLOURS["pale"], atol=0.01)
    again, _ = stain_parts(training, stained("pink", "pale", "blue", "pale"))
    assert (again.parts == found.parts).all()


def test_cells_of_one_colour_are_one_stain() -> None:
    plain = stained("pale", cells=1)
    found, densities = stain_parts(pd.concat([plain, plain]), plain)
    assert (list(found.parts), len(densities)) == (["1"], 1)


def test_quarters_are_of_the_training_cells() -> None:
    training = pd.DataFrame({"sharpness": np.arange(101.0)})
    cells = pd.DataFrame({"sharpness": [-5, 24.9, 25, 60, 75, 1000]})
    found = look_parts(training, cells, "sharpness")
    assert list(found.parts) == ["1", "1", "2", "3", "4", "4"]
    assert found.bounds == {"1": (None, 25), "2": (25, 50), "3": (50, 75), "4": (75, None)}


def test_a_part_for_each_patient() -> None:
    found = patient_parts(["lab/b", "lab/a"])
    assert (list(found.parts), found.bounds) == (["lab/b", "lab/a"], {})
