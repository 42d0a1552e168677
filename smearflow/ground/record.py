"""What every record is made of: fields, a version, one place in the folder of a run."""

import json
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import write_json

OUTPUTS = "outputs"  # of the folder of a run; below it a folder for each stage


class Part(BaseModel):
    """A part of a record: frozen, with the keys it names and no others."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class Record(Part):
    """One JSON file that a stage leaves in its folder of outputs.

    A file of another version is not read: the stage that wrote it is run again.

    Attributes:
        STAGE: that writes it.
        NAME: of the file.
        VERSION: another one has other keys, or other meanings of the same keys; None: the file has
            none, as other programs read it by its keys.
        UNNAMED: the version of a file that names none, where such ones were written once.
        COMPACT: whether it is written without spaces, as nobody reads it.
    """

    STAGE: ClassVar[str]
    NAME: ClassVar[str]
    VERSION: ClassVar[int | None] = 1
    UNNAMED: ClassVar[int | None] = None
    COMPACT: ClassVar[bool] = False

    @classmethod
    def path(cls, root: Path) -> Path:
        """Where the folder of a run has it."""
        return root / OUTPUTS / cls.STAGE / cls.NAME

    def write(self, folder: Path) -> None:
        """Write it into the folder of outputs of its stage, atomically.

        Raises:
            ValueError: it holds a number that is not finite; JSON has none (use None).
        """
        plain = self.model_dump(mode="json", by_alias=True)
        version = {} if self.VERSION is None else {"version": self.VERSION}
        write_json(folder / self.NAME, version | plain, compact=self.COMPACT)

    @classmethod
    def read(cls, root: Path) -> Self:
        """That of a run.

        Raises:
            SmearflowError: it is missing, of another version, or not whole.
        """
        return cls.read_from(root / OUTPUTS / cls.STAGE)

    @classmethod
    def read_if_there(cls, root: Path) -> Self | None:
        """That of a run; None where its stage has not ended.

        Raises:
            SmearflowError: it is of another version, or not whole.
        """
        return cls.read(root) if cls.path(root).is_file() else None

    @classmethod
    def read_from(cls, folder: Path) -> Self:
        """That in a folder of outputs, wherever it lies.

        Raises:
            SmearflowError: it is missing, of another version, or not whole.
        """
        file = folder / cls.NAME
        again = f"run its stage again: dvc repro {cls.STAGE}"
        if not file.is_file():
            raise SmearflowError(f"{file} is missing", again)
        try:
            found: dict[str, Any] = json.loads(file.read_text())
            version = found.pop("version", cls.UNNAMED)
        except (ValueError, AttributeError, TypeError) as error:
            raise SmearflowError(f"{file} is not whole", again) from error
        if version != cls.VERSION:
            raise SmearflowError(f"{file} has version {version}, not {cls.VERSION}", again)
        try:
            return cls.model_validate(found)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            key = ".".join(map(str, first["loc"]))
            raise SmearflowError(f"{file}: {key}: {first['msg']}", again) from error
