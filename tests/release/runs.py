"""What a finished run leaves, as far as a promotion reads it."""

from datetime import datetime
from pathlib import Path

from smearflow.ground.files import write_json
from smearflow.release.folder import Champion
from smearflow.release.registry import Decided, Registry
from tests.material import PROJECT, short_params
from tests.records.examples import EXPORT, FIGURES
from tests.stages.project import write_params


def finished_run(root: Path, model: str) -> Path:
    """Write the results of a run whose model is these words; returns `root`."""
    for record in (
        EXPORT.model_copy(update={"reason": model}),
        FIGURES.model_copy(update={"model_sha256": model}),
    ):
        record.path(root).parent.mkdir(parents=True, exist_ok=True)
        record.write(record.path(root).parent)
    (root / "outputs/baseline").mkdir(exist_ok=True)
    write_json(root / "outputs/baseline/baseline.json", {"of": model})
    (root / "outputs/export/self_test").mkdir(exist_ok=True)
    (root / "outputs/export/self_test/1.png").write_text(model)
    write_params(root, short_params(Path("cells"), Path("module")))
    suite = root / "expectations/incoming.json"
    suite.parent.mkdir(exist_ok=True)
    suite.write_bytes((PROJECT / "expectations/incoming.json").read_bytes())
    return root


def promote(registry: Registry, profile: str, run: Path, reason: str, when: datetime) -> Champion:
    """Make the model of a run the champion, without a challenge."""
    release, champion = registry.keep(profile, run), registry.champion(profile)
    if champion is None or champion.model_id != release.model_id:
        decided = Decided("promoted", release.model_id, reason, "a test", when)
        registry.decide(profile, decided, champion.model_id if champion else None)
    found = registry.champion(profile)
    assert found is not None
    return found


def roll_back(
    registry: Registry, profile: str, reason: str, when: datetime, model_id: str | None = None
) -> Champion:
    """Return to an earlier champion."""
    wanted, champion = registry.earlier(profile, model_id), registry.champion(profile)
    assert champion is not None
    decided = Decided("rolled back", wanted.model_id, reason, "a test", when)
    registry.decide(profile, decided, champion.model_id)
    found = registry.champion(profile)
    assert found is not None
    return found
