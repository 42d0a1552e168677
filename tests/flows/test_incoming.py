"""The window of a run: what a person put there stays, what a run put there goes with it."""

from pathlib import Path

import pytest

from flows.incoming import INCOMING, place_window
from smearflow.cells.files import cell_files
from smearflow.ground.errors import SmearflowError
from tests.material import write_cells
from tests.stages.project import tree


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A run's folder whose window is empty."""
    root = tmp_path / "run"
    (root / INCOMING).mkdir(parents=True)
    (root / INCOMING / "README.md").write_text("put cells here")
    return root


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return write_cells(tmp_path / "first", patients=1, per_class=1)


@pytest.fixture
def second(tmp_path: Path) -> Path:
    return write_cells(tmp_path / "second", patients=1, per_class=2, first_patient=9)


def images(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in cell_files(folder)}


def put(root: Path, name: str = "own.png") -> dict[str, bytes]:
    """A person's own image; returns what the window then holds."""
    (root / INCOMING / name).write_bytes(b"own")
    return images(root / INCOMING)


def test_the_window_of_a_run_is_what_it_is_asked_to_judge(
    root: Path, first: Path, second: Path
) -> None:
    for folder in (first, second, second):
        place_window(root, folder)
        assert images(root / INCOMING) == images(folder)
        assert (root / INCOMING / "README.md").read_text() == "put cells here"
    place_window(root, None)
    assert set(tree(root / "data")) == {"incoming/README.md"}


def test_an_empty_window_is_left_alone(root: Path) -> None:
    before = tree(root)
    place_window(root, None)
    assert tree(root) == before


def test_a_window_put_there_by_hand_stays(root: Path, first: Path) -> None:
    own = put(root)
    place_window(root, None)
    with pytest.raises(SmearflowError, match=r"data/incoming holds images that no INCOMING= put"):
        place_window(root, first)
    assert images(root / INCOMING) == own


def test_a_window_that_a_person_changed_is_theirs(root: Path, first: Path, second: Path) -> None:
    place_window(root, first)
    own = put(root)
    place_window(root, None)
    with pytest.raises(SmearflowError, match="that no INCOMING= put there"):
        place_window(root, second)
    assert images(root / INCOMING) == own


def test_to_name_what_is_there_makes_it_no_less_a_persons(root: Path, second: Path) -> None:
    own = put(root)
    place_window(root, root / INCOMING)
    place_window(root, None)
    assert images(root / INCOMING) == own
    with pytest.raises(SmearflowError, match="that no INCOMING= put there"):
        place_window(root, second)


def test_a_window_that_a_run_put_there_can_be_named_again(root: Path, first: Path) -> None:
    place_window(root, first)
    place_window(root, root / INCOMING)
    assert images(root / INCOMING) == images(first)
    place_window(root, None)
    assert images(root / INCOMING) == {}


@pytest.mark.parametrize("renames", [0, 1, 2])
@pytest.mark.parametrize("then", ["nothing", "the same", "another"])
def test_a_kill_leaves_no_window_that_passes_for_a_persons(
    root: Path,
    first: Path,
    second: Path,
    tmp_path: Path,
    renames: int,
    then: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place_window(root, first)
    done: list[Path] = []

    def rename(file: Path, target: Path) -> None:
        if len(done) == renames:
            raise KeyboardInterrupt
        done.append(target)
        file.replace(target)
        if len(done) == renames == 2:
            raise KeyboardInterrupt  # all is in place, and not yet noted

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", rename)
        with pytest.raises(KeyboardInterrupt):
            place_window(root, second)
    third = write_cells(tmp_path / "third", patients=1, per_class=1, first_patient=30)
    folder = {"nothing": None, "the same": second, "another": third}[then]
    place_window(root, folder)
    assert images(root / INCOMING) == (images(folder) if folder else {})
    assert (root / INCOMING / "README.md").read_text() == "put cells here"


def test_no_folder_is_an_error(root: Path, first: Path) -> None:
    place_window(root, first)
    with pytest.raises(SmearflowError, match="is no folder"):
        place_window(root, root / "nowhere")
    assert images(root / INCOMING) == images(first)
