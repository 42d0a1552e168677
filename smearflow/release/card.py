"""The model card as data: what later code needs to use a model, whatever has changed since.

A promoted model outlives the code that promoted it. Its card is read by every later version; the
params.yaml beside it is for people, and for a retraining's first guess, and is never parsed as
today's settings.
"""

import json
from pathlib import Path
from typing import Annotated, Self, TypedDict

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import file_sha256
from smearflow.ground.settings import fingerprint, load_yaml
from smearflow.params.whole import load_params
from smearflow.records.edge import EdgeMetadata
from smearflow.records.search.best import Best
from smearflow.release.about import About

FILE = "card.json"
VERSION = 1
_LEAST_CELLS = 50  # of champions that were promoted before there was a card, and lack the setting


class _EdgeFacts(TypedDict):
    classes: tuple[str, str]
    threshold: float
    image_size: int
    input: dict[str, JsonValue]
    model_sha256: str


class Card(BaseModel):
    """What a champion is, version 1; keys that a later code adds are ignored by an earlier one.

    Attributes:
        version: of the card; another one has other keys, or other meanings of the same keys.
        classes: negative, positive.
        labels: that mean each of them, in the same order; None: their names alone.
        threshold: the least probability that is called positive.
        image_size: pixels a side of what the network is fed.
        input: what the edge model must be fed with, as edge.json states it; empty of exports that
            do not state it.
        model_sha256: of the edge model's file.
        patient_patterns: per source of the training cells; None for the names of the NLM/NIH set.
        bits: per source, of the samples of images that store more than 8; None: by their tags, or
            measured. `window_bits` likewise, of windows.
        least_cells: fewer cells make no window.
        suite: file beside the card: expectations on a window; None: those of the code that reads.
        data: sha256 of the archive of cells of each source.
        settings_sha256: `fingerprint` of the run's settings.
        code: git revision of the code; None where there was no git.
        configuration: settings that the search found, where a retraining starts; None: kept by no
            earlier version.
        about: what people are told; None: told by no earlier version.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: Annotated[int, Field(ge=0, le=VERSION)]
    classes: tuple[str, str]
    labels: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    threshold: float
    image_size: int
    input: dict[str, JsonValue] = Field(default_factory=dict)
    model_sha256: str
    patient_patterns: tuple[str | None, ...]
    bits: tuple[int | None, ...] = (None,)
    window_bits: int | None = None
    least_cells: int
    suite: str | None = None
    data: dict[str, str] = Field(default_factory=dict)
    settings_sha256: str | None = None
    code: str | None = None
    configuration: dict[str, JsonValue] | None = None
    about: About | None = None

    @classmethod
    def of_run(cls, root: Path, suite: str, code: str | None) -> Self:
        """The card of the model in outputs/ of a run that is whole.

        Args:
            suite: name of the copy of the suite that will lie beside the card.
            code: git revision.
        """
        settings = load_params(root / "params.yaml")
        best = Best.read_if_there(root)
        archives = sorted((root / "outputs/ingest/raw").glob("*.zip"))
        return cls(
            version=VERSION,
            **_edge_facts(EdgeMetadata.read(root)),
            labels=settings.problem.spellings,
            patient_patterns=tuple(each.patient_pattern for each in settings.ingest.sources),
            bits=tuple(each.bits for each in settings.ingest.sources),
            window_bits=settings.monitor.bits,
            least_cells=settings.monitor.least_cells,
            suite=suite,
            data={archive.stem: file_sha256(archive) for archive in archives},
            settings_sha256=fingerprint(settings),
            code=code,
            configuration=best.configuration.model_dump(mode="json") if best else None,
            about=About.of_run(root, settings),
        )


def read_card(folder: Path) -> Card:
    """The card of a promoted model, or what its files tell where it is older than cards are.

    Raises:
        SmearflowError: it is of a later version, or can't be read; one line that names it.
    """
    file = folder / FILE
    if not file.is_file():
        return _without_card(folder)
    try:
        content = json.loads(file.read_text())
        version = content["version"]
        if isinstance(version, int) and version > VERSION:
            raise SmearflowError(
                f"{file} is of version {version}, this code reads up to {VERSION}",
                "use the code that promoted the model, or a later one: git pull",
            )
        return Card.model_validate(content)
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise _unreadable(file, error) from error


def _without_card(folder: Path) -> Card:
    """Of a champion that was promoted before there were cards: version 0."""
    try:
        settings = load_yaml(folder / "params.yaml")
        sources = settings["ingest"]["sources"]
        return Card(
            version=0,
            **_edge_facts(EdgeMetadata.read_from(folder / "export")),
            patient_patterns=tuple(each.get("patient_pattern") for each in sources),
            least_cells=settings.get("monitor", {}).get("least_cells", _LEAST_CELLS),
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError, SmearflowError) as error:
        raise _unreadable(folder, error) from error


def _edge_facts(edge: EdgeMetadata) -> _EdgeFacts:
    return {
        "classes": edge.classes,
        "threshold": edge.threshold,
        "image_size": edge.image_size,
        "input": edge.input.model_dump(mode="json") if edge.input else {},
        "model_sha256": edge.shipped.sha256,
    }


def _unreadable(place: Path, error: Exception) -> SmearflowError:
    reason = repr(error)
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        reason = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    if isinstance(error, SmearflowError):
        reason = error.problem
    return SmearflowError(
        f"the model in {place} can't be used: {reason}",
        "get its folder again: dvc pull in registry/, or promote another run",
    )
