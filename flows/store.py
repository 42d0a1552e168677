"""DVC's store and settings of a project, shared by its other folders: worktrees, the registry."""

from pathlib import Path

from dvc.config import Config
from dvc.repo import Repo


def cache_of(project: Path) -> Path:
    """The folder of DVC's cache."""
    with Repo(str(project)) as repo:
        return Path(repo.cache.local_cache_dir)


def content(cache: Path, md5: str) -> Path:
    """Where a cache keeps the content of that hash."""
    return cache / "files/md5" / md5[:2] / md5[2:]


def share_store(project: Path, root: Path) -> None:
    """Have DVC in a folder use the project's cache, remotes and page of plots, by full paths."""
    with Repo(str(project)) as repo:
        cache, settings = repo.cache.local_cache_dir, repo.config
    template = settings["plots"].get("html_template")
    shared = {
        "core": {key: settings["core"][key] for key in ("remote",) if key in settings["core"]},
        "remote": settings["remote"],
        "cache": {"dir": str(cache)},
        "plots": {"html_template": str(project / ".dvc" / template)} if template else {},
    }
    local = Config(dvc_dir=str(root / ".dvc"), validate=False)
    with local.edit("local") as config:
        for section, values in shared.items():
            config[section] = dict(values)
