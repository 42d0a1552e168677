"""Which files of a folder are cells."""

from pathlib import Path

# What file browsers and people leave beside images.
BYSTANDERS = frozenset({"thumbs.db", "desktop.ini", "readme.md", "__macosx"})


def is_bystander(name: str) -> bool:
    """Whether a file or folder of this name is hidden or otherwise no image."""
    return name.startswith(".") or name.lower() in BYSTANDERS


def cell_files(folder: Path) -> list[Path]:
    """All files at any depth that ought to be images, sorted by their relative POSIX path."""
    files = {
        file.relative_to(folder).as_posix(): file
        for file in folder.rglob("*")
        if not any(is_bystander(part) for part in file.relative_to(folder).parts) and file.is_file()
    }
    return [files[name] for name in sorted(files)]
