from pathlib import Path

import pytest

from benchmarks.probe import load_cells, main


def test_cells_are_read_with_their_patients(cells: Path) -> None:
    side = load_cells(cells, ("Uninfected", "Parasitized"), 32, None, None)
    assert side.pixels.shape == (192, 32, 32, 3)
    assert side.targets.sum() == 96
    assert len(set(side.patients)) == 24
    some = load_cells(cells, ("Uninfected", "Parasitized"), 32, None, 20)
    assert len(some.targets) == 20
    assert 0 < some.targets.sum() < 20


def test_table_has_a_row_per_backbone(
    cells: Path, hub_module: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["--cells", str(cells), "--module", str(hub_module), "--size", "32"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "| 192 cells of 24 patients | accuracy | folds |"
    assert [line.split(" | ")[0] for line in lines[2:]] == [
        "| fresh weights",
        "| mobilenet_v3_small_cells",
        "| module",
    ]
    assert all(0.4 < float(line.split(" | ")[1]) <= 1 for line in lines[2:])


def test_a_wrong_folder_is_said_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"^error: .*no folders"):
        main(["--cells", str(tmp_path)])
