"""A private door of DVC: settings and cache of a project, which its other folders share.

DVC's commands tell and set the same, but each takes half a second.
"""

import json
from collections.abc import Mapping
from pathlib import Path


def cache_of(project: Path) -> Path:
    """The folder of DVC's cache."""
    from dvc.repo import Repo  # here, because it takes a third of a second

    with Repo(str(project)) as repo:
        return Path(repo.cache.local_cache_dir)


def content(cache: Path, md5: str) -> Path:
    """Where a cache keeps the content of that hash."""
    return cache / "files/md5" / md5[:2] / md5[2:]


def folder_content(cache: Path, md5: str) -> dict[str, Path]:
    """Where a cache keeps the files of a folder of that hash, by their paths in it.

    Empty where a clean-up took the list of them; it may have taken files, too.
    """
    listed = content(cache, md5)
    files = json.loads(listed.read_text()) if listed.is_file() else []
    return {file["relpath"]: content(cache, file["md5"]) for file in files}


def finished_stages(cache: Path) -> list[Path]:
    """A YAML file for each time that a stage ran to its end, with its `cmd`, `deps` and `outs`."""
    return sorted((cache / "runs").glob("??/*/*"))


def share_store(project: Path, root: Path) -> None:
    """Have DVC in a folder use the project's cache, remotes and page of plots, by full paths."""
    from dvc.repo import Repo

    with Repo(str(project)) as repo:
        cache, settings = repo.cache.local_cache_dir, repo.config
    template = settings["plots"].get("html_template")
    shared = {
        "core": {key: settings["core"][key] for key in ("remote",) if key in settings["core"]},
        "remote": settings["remote"],
        "cache": {"dir": str(cache)},
        "plots": {"html_template": str(project / ".dvc" / template)} if template else {},
    }
    set_locally(root, shared)


def set_locally(folder: Path, sections: Mapping[str, Mapping[str, object]]) -> None:
    """Give sections of DVC's settings of a folder new values, for this machine only."""
    from dvc.config import Config

    local = Config(dvc_dir=str(folder / ".dvc"), validate=False)
    with local.edit("local") as config:
        for section, values in sections.items():
            config[section] = dict(values)
