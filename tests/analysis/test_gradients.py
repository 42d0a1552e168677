from smearflow.analysis.runs import analyse_runs
from tests.analysis.records import BASE, experiment, record


def test_the_table_of_gradients_has_the_wildest_and_the_best_runs() -> None:
    norms = {f"run {number}": [float(number)] * 3 for number in range(20)}
    runs = [
        record({}, 0.1 + 0.01 * number, id=name, curve=_curve(norm))
        for number, (name, norm) in enumerate(norms.items())
    ]
    runs.append(record({"learning_rate": 0.03}, None, id="wild"))
    found = analyse_runs([experiment()], runs, BASE, BASE.epochs).gradients
    assert [row.run for row in found.rows][:3] == ["wild", "run 19", "run 18"]
    assert "run 0" in [row.run for row in found.rows]
    assert found.rows[0].gradient_norm is None
    assert found.rows[0].settings == {"learning_rate": 0.03}
    assert (found.exploded, found.diverged, found.lowest_rate) == (1, 1, 0.03)
    assert found.moved == {"hidden kernel": 0.1}


def _curve(norms: list[float]) -> dict[str, list[float]]:
    return {"loss": [0.4, 0.3, 0.2], "val_loss": [0.4, 0.3, 0.2], "gradient_norm": norms}
