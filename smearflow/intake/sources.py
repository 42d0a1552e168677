"""Where labelled cells come from: a URL, an archive, a folder, or the renderer."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from smearflow.cells.files import survey
from smearflow.cells.labels import Labels
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import file_sha256, tree_sha256
from smearflow.intake.archives import extract
from smearflow.intake.download import check_size, download
from smearflow.intake.grids import SUFFIXES
from smearflow.intake.layout import understand
from smearflow.intake.listing import Listing
from smearflow.params.ingest import Source
from smearflow.params.machine import Locations
from smearflow.sample.writing import write_sample


def fetch(
    source: Source,
    labels: Labels,
    work: Path,
    option: str = "DATA",
    key: str = "ingest.sources.0",
) -> Listing:
    """Bring the cells of a source to this machine.

    Args:
        labels: of the classes, as this source spells them.
        work: for the download, the unpacked archive and rendered cells; a download goes on from
            what is there.
        option: by which a user names another place for this source, for the messages.
        key: of the source in params.yaml, likewise.

    Raises:
        SmearflowError: the location is missing, can't be reached, is not what was pinned, is no
            sound archive or holds no such data set.
    """
    location = source.location
    read = partial(understand, source=source, labels=labels, option=option, key=key)
    if source.kind == "sample":
        rendered = work / source.name
        shutil.rmtree(rendered, ignore_errors=True)
        write_sample(
            rendered,
            labels.classes,
            source.patients,
            source.cells,
            source.seed,
            source.test_patients,
        )
        return read(rendered)
    if location is None:
        raise SmearflowError(
            f"the source {source.name} has no location", f"name one: {option}=<folder or archive>"
        )
    downloaded = urlsplit(location).scheme in ("http", "https")
    if downloaded:
        path = work / f"{source.name}-{PurePosixPath(urlsplit(location).path).name}"
        if not path.exists():
            download(location, path, size=source.bytes, sha256=source.sha256, option=option)
    else:
        path = Path(location).expanduser()
        _check_pinned(source, path, option)
    if is_table(path):
        stated = source.model_copy(update={"table": source.table or (path.name,)})
        return read(path.parent, source=stated)
    if path.is_file():
        unpacked = work / source.name
        shutil.rmtree(unpacked, ignore_errors=True)
        try:
            extract(path, unpacked)
        except SmearflowError:
            if downloaded:
                path.unlink()  # or a later run would meet it again instead of a better one
            raise
        return _unpacked(location, unpacked, read)
    return read(path)


def is_table(path: Path) -> bool:
    """Whether a place of cells is a table that names them: they lie beside it."""
    return path.suffix.lower() in SUFFIXES and path.is_file()


def _unpacked(archive: str, folder: Path, read: Callable[[Path], Listing]) -> Listing:
    """What was unpacked, read; messages name the archive, as the folder will be gone."""
    try:
        listing = read(folder)
    except SmearflowError as error:
        problem, action = (
            text.replace(str(folder), place)
            for text, place in ((error.problem, archive), (error.action, "<where it is>"))
        )
        raise SmearflowError(problem, f"unpack it, {action}") from None
    left_out = tuple(
        part.model_copy(update={"first": part.first.replace(str(folder), archive)})
        for part in listing.facts.left_out
    )
    return replace(listing, facts=listing.facts.model_copy(update={"left_out": left_out}))


def located(source: Source, locations: Locations) -> Source:
    """A source at the place where this machine keeps it, if `locations` names one.

    Raises:
        SmearflowError: that place is not pinned, so nothing would notice that it holds other cells.
    """
    place = locations.get(source.name)
    if place is None:
        return source
    if source.sha256 is None:
        found = source_fingerprint(Path(place).expanduser())
        raise SmearflowError(
            f"locations.{source.name} is {place}, but the source is not pinned",
            f"set its sha256 in ingest.sources of params.yaml: {found}",
        )
    return source.model_copy(update={"location": place})


def source_fingerprint(path: Path) -> str:
    """sha256 of an archive, or of the sorted relative names and contents of a folder's files.

    Of a table it is that of the folder it lies in; links and what `files.is_junk` do not count.

    Returns:
        64 hex digits, the value of `sha256` of a source in params.yaml.

    Raises:
        SmearflowError: the path does not exist.
    """
    if path.is_file() and not is_table(path):
        return file_sha256(path)
    if not path.exists():
        raise SmearflowError(f"{path} does not exist", "name a folder or an archive")
    folder = path if path.is_dir() else path.parent
    files = survey(folder)
    return tree_sha256(
        folder, [folder / file for file in (*files.images, *files.foreign, *files.others)]
    )


def _check_pinned(source: Source, path: Path, option: str) -> None:
    if not path.exists():
        raise SmearflowError(
            f"{path} does not exist",
            f"bring it back, or name another: {option}=<folder or archive>",
        )
    if source.bytes and path.is_file():
        check_size(path, path.stat().st_size, source.bytes)
    found = source_fingerprint(path)
    if source.sha256 not in (None, found):
        again = f"{option}={path}"
        if option != "DATA":
            again = f"{option.replace('.location', '.sha256')}={found}"
        raise SmearflowError(
            f"{path} changed since it was pinned (sha256 {found}, pinned {source.sha256})",
            f"bring back what was there, or take what is there now: {again}",
        )
    print(f"{source.name}: {path}, sha256 {found}", flush=True)
