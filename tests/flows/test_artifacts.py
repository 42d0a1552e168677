import shutil
from pathlib import Path
from typing import Any

import pytest

from flows import artifacts
from smearflow.report.conclusions.every import NEXT
from smearflow.report.conclusions.failures import QUESTION as FAILS
from smearflow.report.conclusions.use import QUESTION as USE
from smearflow.report.exploration.answers import QUESTIONS, answers
from tests.material import PROJECT
from tests.report.exploration import files
from tests.report.finished import MISSED, write_run


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What is attached to a flow run, by key: rows of a table, or Markdown."""
    found: dict[str, Any] = {}

    def attach(content: Any, *, key: str, description: str | None = None) -> None:
        found[key] = (content, description)

    monkeypatch.setattr(artifacts, "create_table_artifact", attach)
    monkeypatch.setattr(artifacts, "create_markdown_artifact", attach)
    return found


def test_tables_and_pictures_of_an_exploration_come_along(
    tmp_path: Path, published: dict[str, Any]
) -> None:
    files.write_root(tmp_path)
    artifacts.publish(tmp_path, [], "done")
    for name in files.DRAWN:
        markdown, description = published[f"explore-{name.replace('_', '-')}"]
        assert markdown.startswith(f"![{description}](data:image/png;base64,")
    rows, description = published["exploration-importance"]
    assert rows[0]["parameter"] == "learning rate"
    answer = answers(files.analysis())["importance"]
    assert description.startswith(f"{QUESTIONS['importance']}\n\n{answer}")
    rows, _ = published["exploration-experiment-optimizer-2"]
    assert rows[0]["validation loss"] == "0.2100 ± 0.0141"
    assert published["explore"][0][0]["question"] == QUESTIONS["importance"]
    assert all(key == key.lower() and "_" not in key for key in published)


def test_the_answers_and_the_mistakes_come_along(tmp_path: Path, published: dict[str, Any]) -> None:
    write_run(tmp_path)
    artifacts.publish(tmp_path, [], "done")
    rows, _ = published["answers"]
    assert [row["question"] for row in rows] == [USE, FAILS, NEXT]
    markdown, caption = published["mistakes-cells-1"]
    assert markdown.count("](data:image/jpeg;base64,") == MISSED
    assert caption in markdown


def test_a_run_without_results_has_what_comes_next(
    tmp_path: Path, published: dict[str, Any]
) -> None:
    shutil.copy2(PROJECT / "params.yaml", tmp_path / "params.yaml")
    artifacts.publish(tmp_path, [], "done")
    assert set(published) == {"summary", "stages", "answers", "next"}
