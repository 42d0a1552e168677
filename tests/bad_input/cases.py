"""Every case of bad input: what is wrong, what happens then, and what a user reads."""

import os
from dataclasses import dataclass

from PIL import Image

from tests.bad_input import spoil
from tests.bad_input.spoil import Spoil


@dataclass(frozen=True)
class Row:
    """A row of the table.

    Attributes:
        name: what is wrong.
        happens: begins with accepted, warning or error.
        messages: the lines that a user reads; none where nothing is worth mentioning.
    """

    name: str
    happens: str
    messages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case(Row):
    """A row whose commands are stages.

    Attributes:
        wrong: makes it so.
        stages: run one after the other; only the last may end with an error.
    """

    wrong: Spoil = spoil.no_change
    stages: tuple[str, ...] = ("ingest", "validate", "split")


INGEST = ("ingest",)
VALIDATE = ("ingest", "validate")
TRAIN = ("train",)

ERROR = "error"
USED = "accepted: used like any other"
LEFT_OUT = "warning: the file is left out"
CONVERTED = "warning: converted to RGB"

CELL = "nih/Uninfected/C10P19ThinF_IMG_20150918_140104_cell_0"
SEE_THE_PAGE = (
    "see <project>/work/validate/<hash>/reports/index.html, then correct the data "
    "(expectations/manifest.json has what is expected of them)"
)
DAMAGED = (
    f"warning: A file that can't be decoded is left out: {CELL} "
    "(1 of 240 rows; error: expect_column_values_to_be_null)"
)
ALL = (
    f"{CELL.replace('Uninfected', 'Parasitized')}, "
    "nih/Parasitized/C10P19ThinF_IMG_20150918_140104_cell_2, "
    "nih/Parasitized/C10P19ThinF_IMG_20150918_140104_cell_4, ..."
)
FOUR = ALL.replace("Parasitized", "Uninfected")
SEE_THE_RULES = "see docs/images.md, and ingest.sources.0.bits in params.yaml for samples"


def _converted(shown: str, count: int) -> str:
    return (
        f"warning: Not stored as RGB, so somebody edited it; it is converted: {shown} "
        f"({count} of 240 rows; mode: expect_column_values_to_be_in_set)"
    )


def _unsure(count: int = 1, shown: str = CELL) -> tuple[str, ...]:
    fails = "2 critical expectations fail, first:" if count > 2 else "a critical expectation fails:"
    return (
        f"error: validate: the manifest: {fails} It can't be known for sure what a file shows: "
        f"docs/images.md has the rules and ways out: {shown} ({count} of {count} rows; "
        f"error: expect_column_values_to_be_null); {SEE_THE_PAGE}",
    )


OTHER_MODE = _converted(CELL, 1)
MEASURED = (
    "warning: nih: 240 of 240 images name no range: 12 bits (0 to 4095), measured over them; "
    f"{SEE_THE_RULES}",
    "warning: More than 8 bits a sample and no word of the range: it is measured over all images: "
    f"{ALL} (240 of 240 rows; white_by: expect_column_values_to_be_in_set)",
    _converted(ALL, 240),
)
FOUR_DAMAGED = (
    "error: validate: the manifest: a critical expectation fails: So many files that can't be "
    "decoded: a broken download or export: "
    "nih/Uninfected/C10P19ThinF_IMG_20150918_140104_cell_0, "
    "nih/Uninfected/C10P19ThinF_IMG_20150918_140104_cell_2, "
    "nih/Uninfected/C10P19ThinF_IMG_20150918_140104_cell_4, ... "
    f"(4 of 240 rows; error: expect_column_values_to_be_null); {SEE_THE_PAGE}"
)
CORRECT_THE_KEY = "correct that key (profiles/ holds complete examples)"
NAME_A_MODULE = "name a folder or archive that holds the module: BACKBONE=<folder or archive>"
USE_A_SOUND_ARCHIVE = "nothing was unpacked; use a sound archive"
ONE_PIXEL = spoil.encoded(Image.new("RGB", (1, 1), "pink"), "PNG")
FLAT = spoil.encoded(Image.new("RGB", (100, 120), "pink"), "PNG")
BLACK = spoil.encoded(Image.new("RGB", (100, 120)), "PNG")
ONE_COLOUR = (
    f"warning: A crop of one colour: nothing is on it: {CELL} "
    "(1 of 240 rows; contrast: expect_column_values_to_be_between)"
)
TEXT = b"patient,cell\n1,2\n"

FOLDERS = (
    Case(
        "a folder that is not there",
        ERROR,
        (
            "error: ingest: <cells> does not exist; bring it back, or name another: "
            "DATA=<folder or archive>",
        ),
        spoil.no_place,
        INGEST,
    ),
    Case(
        "an empty folder",
        ERROR,
        (
            "error: ingest: <cells> holds no folders, expected Uninfected and Parasitized; "
            "sort the images into folders of these names, or name others: DATA=<folder>",
        ),
        spoil.no_folders,
        INGEST,
    ),
    Case(
        "class folders in a folder beside class folders, with another image of one name",
        ERROR,
        (
            "error: ingest: <cells> holds the class folders twice, other images again in cells; "
            "find out which are meant: DATA=<cells>/cells, or move cells out of <cells> to use the "
            "outer ones",
        ),
        spoil.twice_and_other,
        INGEST,
    ),
    Case(
        "a class folder inside that of the other class",
        ERROR,
        (
            "error: ingest: <cells>/Parasitized/Uninfected/C10P19ThinF_IMG_20150918_140104_cell_0"
            ".png lies in folders of two classes, Parasitized and Uninfected; move Uninfected out "
            "of Parasitized/, to where its images belong",
        ),
        spoil.class_in_class,
        INGEST,
    ),
    Case(
        "a third folder with images beside those of the classes",
        ERROR,
        (
            "error: ingest: <cells> holds unsure with 5 images beside the class folders: neither "
            "Parasitized nor Uninfected; move unsure out of <cells>, or say what it is in labels "
            "of the source in params.yaml: {unsure: Parasitized}, or {unsure: null} to "
            "leave it out",
        ),
        spoil.third_folder,
        INGEST,
    ),
    Case(
        "images of a microscope's own format",
        ERROR,
        (
            "error: ingest: <cells> holds images that smearflow does not read: 120 .czi, first "
            "Uninfected/C10P19ThinF_IMG_20150918_140104_cell_0.czi; export them as PNG or TIFF "
            "(docs/images.md has what is read), or move them away",
        ),
        spoil.foreign,
        INGEST,
    ),
    Case(
        "names and folders that tell no patient",
        ERROR,
        (
            "error: ingest: nothing tells a patient of the 240 cells of the source nih, first "
            "Parasitized/0.png; tell them by ingest.sources.0.patient_pattern or a table "
            "(ingest.sources.0.table) in params.yaml; or, if nobody knows them, split by file, "
            "which makes figures too good: ingest.sources.0.group=file",
        ),
        spoil.numbered,
        INGEST,
    ),
    Case(
        "a table whose labels mean no class",
        ERROR,
        (
            "error: ingest: <cells>: no folder has the name of a class; labels.csv names images, "
            "but no column of it holds Parasitized and Uninfected; say in params.yaml what it "
            "holds: ingest.sources.0.table: labels.csv, its columns: {label: <column>}, its "
            "labels: {<label>: Parasitized, <other>: Uninfected}",
        ),
        spoil.table_of_codes,
        INGEST,
    ),
    Case(
        "class folders without images",
        ERROR,
        (
            "error: ingest: <cells> holds no folders, expected Uninfected and Parasitized; "
            "sort the images into folders of these names, or name others: DATA=<folder>",
        ),
        spoil.no_images,
        INGEST,
    ),
    Case(
        "one class only",
        ERROR,
        (
            "error: validate: the manifest: a critical expectation fails: A class has no "
            "images (missing: Uninfected; label: expect_column_distinct_values_to_contain_set); "
            f"{SEE_THE_PAGE}",
        ),
        spoil.one_class,
        VALIDATE,
    ),
    Case(
        "a pattern that matches no patient",
        ERROR,
        (
            "error: ingest: nothing tells a patient of the 240 cells of the source nih, first "
            "Parasitized/C10P19ThinF_IMG_20150918_140104_cell_0.png; tell them by "
            "ingest.sources.0.patient_pattern or a table (ingest.sources.0.table) in params.yaml; "
            "or, if nobody knows them, split by file, which makes figures too good: "
            "ingest.sources.0.group=file",
        ),
        spoil.own_names("(?P<patient>X[0-9]+)"),
        INGEST,
    ),
    Case(
        "two patients only",
        ERROR,
        (
            "error: split: the train side has 0 cells of class Uninfected, the floor is 4; "
            "add patients, or change the shares of split in params.yaml (below the floor, "
            "split.floors.cells, the figures of a side say little)",
        ),
        spoil.two_patients,
    ),
    Case(
        "the same image under both labels",
        ERROR,
        (
            "error: validate: the manifest: a critical expectation fails: The same pixels under "
            "two labels: one of them is wrong: "
            f"{CELL.replace('Uninfected', 'Parasitized')}, {CELL} "
            "(2 of 240 rows; labels_of_pixels: expect_column_values_to_be_between); "
            f"{SEE_THE_PAGE}",
        ),
        spoil.both_labels,
        VALIDATE,
    ),
)

FILES = (
    Case("a truncated PNG among 240 images", LEFT_OUT, (DAMAGED,), spoil.content(spoil.half)),
    Case("a 0-byte file among 240 images", LEFT_OUT, (DAMAGED,), spoil.content(b"")),
    Case("text named .png among 240 images", LEFT_OUT, (DAMAGED,), spoil.content(TEXT)),
    Case(
        "20,000 x 20,000 pixels among 240 images",
        LEFT_OUT,
        (DAMAGED,),
        spoil.content(spoil.huge(20_000)),
    ),
    Case(
        "4 truncated PNGs among 240 images",
        ERROR,
        (FOUR_DAMAGED,),
        spoil.content(spoil.half, 4),
        VALIDATE,
    ),
    Case(
        "4 texts named .png among 240 images",
        ERROR,
        (FOUR_DAMAGED,),
        spoil.content(TEXT, 4),
        VALIDATE,
    ),
    Case(
        "1 x 1 pixel",
        "warning: enlarged and used",
        (
            *(
                f"warning: Too small or too large for a crop of one cell: {CELL} "
                f"(1 of 240 rows; {side}: expect_column_values_to_be_between)"
                for side in ("width", "height")
            ),
            ONE_COLOUR,
        ),
        spoil.content(ONE_PIXEL),
    ),
    Case("one colour", "warning: used", (ONE_COLOUR,), spoil.content(FLAT)),
    Case(
        "a black frame",
        "warning: used",
        (
            f"warning: A crop with hardly any cell in it: {CELL} "
            "(1 of 240 rows; cell_area: expect_column_values_to_be_between)",
            ONE_COLOUR,
        ),
        spoil.content(BLACK),
    ),
    Case("greyscale", CONVERTED, (OTHER_MODE,), spoil.converted("PNG", "L")),
    Case(
        "RGBA",
        f"{CONVERTED}, transparent parts black",
        (OTHER_MODE,),
        spoil.converted("PNG", "RGBA"),
    ),
    Case(
        "16 bits a pixel",
        f"{CONVERTED}, all bits used",
        (OTHER_MODE,),
        spoil.content(spoil.sixteen_bits),
    ),
    Case(
        "12 bits in 16-bit TIFFs that do not say so",
        "warning: the range is measured over all images",
        MEASURED,
        spoil.everywhere(spoil.deep()),
    ),
    Case(
        "12 bits in 16-bit TIFFs, and their number in params.yaml",
        CONVERTED,
        (_converted(ALL, 240),),
        spoil.both(
            spoil.everywhere(spoil.deep()), spoil.setting(12, "ingest", "sources", 0, "bits")
        ),
    ),
    Case(
        "12 bits in one 16-bit TIFF",
        ERROR,
        _unsure(),
        spoil.content(spoil.deep()),
        VALIDATE,
    ),
    Case(
        "1,500 of 4,095 levels in all 16-bit TIFFs",
        ERROR,
        _unsure(240, ALL),
        spoil.everywhere(spoil.deep(1500)),
        VALIDATE,
    ),
    Case(
        "12 bits in 4 of 240 TIFFs of 16 bits",
        ERROR,
        _unsure(4, FOUR),
        spoil.both(spoil.everywhere(spoil.deep(65535)), spoil.content(spoil.shifted(4), 4)),
        VALIDATE,
    ),
    Case(
        "floats in one TIFF",
        ERROR,
        _unsure(),
        spoil.content(spoil.floating),
        VALIDATE,
    ),
    Case(
        "red, green and blue as pages",
        f"{CONVERTED}, as ImageJ means them",
        (OTHER_MODE,),
        spoil.content(spoil.channels(0, 1, 2)),
    ),
    Case(
        "two grey pages",
        ERROR,
        _unsure(),
        spoil.content(spoil.channels(0, 1)),
        VALIDATE,
    ),
    Case(
        "a blank first page",
        f"{CONVERTED}, the next page used",
        (OTHER_MODE,),
        spoil.content(spoil.blank_first),
    ),
    Case("CMYK", CONVERTED, (OTHER_MODE,), spoil.converted("JPEG", "CMYK")),
    Case(
        "an animated GIF",
        f"{CONVERTED}, the first frame used",
        (OTHER_MODE,),
        spoil.content(spoil.animated),
    ),
    Case(
        "an EXIF orientation: on its side",
        "accepted: ignored, as a cell has no top",
        (),
        spoil.orientation(6),
    ),
    Case("an EXIF orientation that does not exist", "accepted: ignored", (), spoil.orientation(99)),
    Case("a name that is not ASCII", USED, (), spoil.renamed(" größe 細胞")),
    Case("a name of 241 characters", USED, (), spoil.renamed("x" * 200)),
    Case(
        "a name that is no UTF-8",
        ERROR,
        (
            "error: ingest: <cells> holds the file "
            "'Uninfected/C10P19ThinF_IMG_20150918_140104_cell_0\\udcff.png': "
            "control characters, or no UTF-8; rename that file",
        ),
        spoil.renamed(os.fsdecode(b"\xff")),
        INGEST,
    ),
    Case(
        "a name with a line break",
        ERROR,
        (
            "error: ingest: <cells> holds the file "
            "'Uninfected/C10P19ThinF_IMG_20150918_140104_cell_0\\n.png': "
            "control characters, or no UTF-8; rename that file",
        ),
        spoil.renamed("\n"),
        INGEST,
    ),
)


def _setting(name: str, wrong: Spoil, complaint: str) -> Case:
    message = f"error: ingest: <project>/params.yaml: {complaint}; {CORRECT_THE_KEY}"
    return Case(name, ERROR, (message,), wrong, INGEST)


SETTINGS = (
    _setting(
        "an unknown key",
        spoil.setting(64, "split", "image_sise"),
        "split.image_sise: there is no such key",
    ),
    _setting("a missing key", spoil.no_section, "split: the key is missing"),
    _setting(
        "a wrong type",
        spoil.setting("large", "split", "image_size"),
        "split.image_size: Input should be a valid integer, unable to parse string as an integer",
    ),
    _setting(
        "a value out of range",
        spoil.setting(0.7, "split", "test"),
        "split.test: Input should be less than 0.5",
    ),
    _setting(
        "a pattern that is no regular expression",
        spoil.own_names("(?P<patient>C[0-9]+"),
        "ingest.sources.0.patient_pattern: not a regular expression: "
        "missing ), unterminated subpattern at position 0",
    ),
    _setting(
        "a pattern without a group",
        spoil.own_names("C[0-9]+"),
        "ingest.sources.0.patient_pattern: has no group (?P<patient>...), nor field, time or site",
    ),
)


def _module(name: str, wrong: Spoil, complaint: str, action: str = NAME_A_MODULE) -> Case:
    return Case(name, ERROR, (f"error: train: backbone {complaint}; {action}",), wrong, TRAIN)


MODULES = (
    _module("a hub module that is missing", spoil.no_change, "<module> does not exist"),
    _module(
        "a hub module cut off in its graph",
        spoil.cut_module("saved_model.pb"),
        "<module> cannot be loaded: "
        "Error parsing message with type 'tensorflow.SavedModel': Wire format was corrupt",
    ),
    _module(
        "a hub module cut off in its weights",
        spoil.cut_module("variables/*.data-*"),
        "<module> cannot be loaded: Read less bytes than requested",
    ),
    _module(
        "a hub module that takes greyscale images",
        spoil.module(channels=1),
        "<module> takes no RGB images of 32 x 32 pixels",
        "choose a TF2 feature vector of images, or the split.image_size that it takes",
    ),
    _module(
        "a hub module that makes maps, not vectors",
        spoil.module(pooled=False),
        "<module> makes no vector of features of an image (shape (None, 8, 8, 16))",
        "choose a TF2 feature vector of images",
    ),
    _module(
        "a hub URL that nothing pins",
        spoil.module_url(trusted=False),
        "http://127.0.0.1:<port>/module.tar.gz is a program from the network that nothing pins",
        "set model.backbone_sha256, or model.trust_unpinned to take what comes first, and pin that",
    ),
    _module(
        "a hub URL without network",
        spoil.module_url(trusted=True),
        "http://127.0.0.1:<port>/module.tar.gz cannot be fetched: [Errno 111] Connection refused",
    ),
)


def _archive(name: str, wrong: Spoil, complaint: str, action: str = USE_A_SOUND_ARCHIVE) -> Case:
    return Case(name, ERROR, (f"error: ingest: {complaint}; {action}",), wrong, INGEST)


ARCHIVES = (
    _archive(
        "a zip with ../",
        spoil.member("../outside.png"),
        "<archive> holds a path outside the target: ../outside.png",
    ),
    _archive(
        "a zip with a link",
        spoil.member("Uninfected/C1_cell_9.png", b"/etc/passwd", spoil.LINK),
        "<archive> holds a link or device: Uninfected/C1_cell_9.png",
    ),
    _archive("a zip that is a bomb", spoil.bomb, "<archive> unpacks to more than <limit> bytes"),
    _archive(
        "a zip cut off in the middle",
        spoil.cut_archive,
        "<archive> is neither a zip nor a tar archive",
    ),
    _archive(
        "an archive with a wrong sha256",
        spoil.wrong_sha256,
        "<archive> changed since it was pinned (sha256 <sha256>, pinned <sha256>)",
        "bring back what was there, or take what is there now: DATA=<archive>",
    ),
    _archive(
        "a URL of cells without network",
        spoil.no_network,
        "cannot download http://127.0.0.1:<port>/cells.zip: [Errno 111] Connection refused",
        "try again later, or name a copy: DATA=<folder or archive>",
    ),
)

FILES_LIMITED = Case(
    "a limit on the size of files",
    ERROR,
    (
        "error: ingest: <project>: File too large; "
        "make room there (space, quota or limit on file sizes) and run again",
    ),
    spoil.small_files_only,
    INGEST,
)
DISK_FULL = Row(
    "a full disk",
    ERROR,
    (
        "error: ingest: <project>: No space left on device; "
        "make room there (space, quota or limit on file sizes) and run again",
    ),
)
DISK_READ_ONLY = Row(
    "a read-only disk",
    ERROR,
    (
        "error: ingest: <project>/work/ingest/<hash>: Read-only file system; "
        "let this user read and write there, and run again",
    ),
)
FOLDER_CLOSED = Row(
    "a folder that this user may not write",
    ERROR,
    (
        "error: ingest: <project>/work/ingest: Permission denied; "
        "let this user read and write there, and run again",
    ),
)
DISK = (FILES_LIMITED, DISK_FULL, DISK_READ_ONLY, FOLDER_CLOSED)

NO_SERVER = Row(
    "a Prefect server that cannot start",
    "warning: the run goes on, and only its page in the UI is missing",
    (
        "warning: no Prefect server (<project>/.prefect: File exists; put that right and run "
        "again): `make ui` will not show this run",
    ),
)
SERVER_GONE = Row(
    "a Prefect server that dies during a run",
    ERROR,
    (
        "error: the Prefect server failed during the run: [Errno 111] Connection refused; "
        "run the same command again: finished stages are kept",
    ),
)
DEAD_URL = Row(
    "a PREFECT_API_URL where no server answers", "accepted: the project's own server is used"
)
PROXY = Row(
    "a proxy in the environment, with or without NO_PROXY",
    "accepted: downloads go over it, nothing that stays on this machine does",
)
BAD_PROXY = Row(
    "a proxy in the environment that can't be used",
    ERROR,
    (
        "error: the proxies of the environment can't be used (ALL_PROXY, NO_PROXY): SOCKS is not "
        "supported; name an HTTP proxy there, as in http://proxy:3128, or unset the one that is "
        "wrong",
    ),
)
TWO_PIPELINES = Row(
    "two pipelines at once in one folder, the clone or a worktree",
    ERROR,
    (
        "error: the folder <project>/runs/busy is busy: process <pid> works there; "
        "wait until it has ended, or stop it",
    ),
)
NO_GIT = Row(
    "another profile than the clone's own, in a folder without git",
    ERROR,
    (
        "error: a run in runs/toy needs git, and <project> is no clone with a commit; use a clone: "
        "git clone <repository>, or: git init && git add . && git commit -m start",
    ),
)
NO_WORKTREE = Row(
    "something of a person where a profile's worktree should be",
    ERROR,
    ("error: <project>/runs/toy is no worktree of this clone; move that folder away",),
)
OWN_WINDOW = Row(
    "INCOMING while data/incoming holds images of a person",
    ERROR,
    (
        "error: <project>/data/incoming holds images that no INCOMING= put there; "
        "move them elsewhere, or leave INCOMING out to have them judged",
    ),
)
TWO_REPROS = Row(
    "`dvc repro` twice at once in one folder",
    ERROR,
    (
        "ERROR: failed to reproduce 'ingest': '<project>/outputs/ingest' is busy, "
        "it is being blocked by:",
        "  (PID <pid>): dvc repro ingest",
    ),
)
NO_DATA = Row(
    "DATA that is not there",
    ERROR,
    ("error: DATA=nowhere does not exist; name a folder, an archive or a URL",),
)
NO_PROFILE = Row(
    "an unknown profile",
    ERROR,
    ("error: there is no profile other; choose one of: sample, toy",),
)
NO_IMAGES = Row(
    "`make predict` without IMAGES",
    ERROR,
    (
        "error: no images are named; name a folder of cell images, or an image: "
        "make predict IMAGES=<folder or image>",
    ),
)
NO_RUN = Row(
    "RUN that is not there",
    ERROR,
    ("error: RUN=nowhere is no folder; name that of a run, as runs/nih, or .",),
)
NO_SAVED_RUN = Row(
    "`make promote` of a run that is not there",
    ERROR,
    ("error: RUN=nowhere is neither a folder nor a saved run; name one that `make runs` lists",),
)
NOT_EVALUATED = Row(
    "`make promote` of a run that did not come to its end",
    ERROR,
    ("error: <project> has not been evaluated; finish that run, then promote it",),
)
NO_PORT = Row(
    "PORT that is no port", ERROR, ("error: PORT=abc is no port; name a number, as PORT=4300",)
)
WRONG_SETTING = Row(
    "an unknown key in SET",
    ERROR,
    (
        "error: SET: train.epoch: there is no such key; "
        "correct that key (profiles/ holds complete examples)",
    ),
)
NUMBER_AS_TEXT = Row("a number in SET where a text belongs", "accepted: it is the text")
WRONG_VARIABLE = Row(
    "a variable that the target of make does not read",
    ERROR,
    (
        "*** make run does not read PROFIL; correct the name, or leave it out: it reads "
        "PROFILE DATA BACKBONE INCOMING SET.  Stop.",
    ),
)
UNREAD = Row("a reader that has gone, as in `| head`", "accepted: the command ends, in silence")
NO_LABELLED = Row(
    "newly labelled cells without class folders",
    ERROR,
    (
        "error: <cells> holds no folders, expected Uninfected and Parasitized; "
        "sort the images into folders of these names, or name others: CELLS=<folder>",
    ),
)
COMMANDS = (
    NO_PROFILE,
    NO_DATA,
    NO_LABELLED,
    NO_IMAGES,
    NO_RUN,
    NO_SAVED_RUN,
    NOT_EVALUATED,
    NO_PORT,
    WRONG_SETTING,
    NUMBER_AS_TEXT,
    WRONG_VARIABLE,
    UNREAD,
)
PIPELINES = (
    NO_SERVER,
    SERVER_GONE,
    DEAD_URL,
    PROXY,
    BAD_PROXY,
    TWO_PIPELINES,
    TWO_REPROS,
    NO_GIT,
    NO_WORKTREE,
    OWN_WINDOW,
)
NO_CELLS = Row(
    "images to label that can't be one cell: 1 field of view and 2 black frames among 5",
    "warning: labelled, and each with the reason in the column `warning`",
    (
        "warning: 3 of 5 files can't be one cell (2 black, 1 larger than a cell): "
        "their probabilities mean nothing",
    ),
)
REPEATS = Row(
    "an image to label that shows the same as another, stored again or turned",
    "warning: labelled, and the first one named in the column `warning`",
    ("warning: 1 of 5 files show the same as an earlier one",),
)
SELF_TEST_CELL = Row(
    "an exported model whose self-test lacks a cell",
    ERROR,
    (
        "error: <export>/self_test/2.png is missing or not the file that edge.json names; "
        "copy the whole folder again, or run the stage export",
    ),
)
OTHER_INPUT = Row(
    "an exported model that takes images scaled in another way",
    ERROR,
    (
        "error: the model's input has interpolation nearest, this version feeds bicubic; "
        "run it with the version of smearflow that exported it",
    ),
)
LABELLING = (NO_CELLS, REPEATS, SELF_TEST_CELL, OTHER_INPUT)
CASES = (*FOLDERS, *FILES, *SETTINGS, *MODULES, *ARCHIVES, FILES_LIMITED)
SECTIONS = {
    "Folders of cells": FOLDERS,
    "Image files": FILES,
    "Settings": SETTINGS,
    "Backbones": MODULES,
    "Archives and downloads": ARCHIVES,
    "Disks": DISK,
    "Images to label and exported models": LABELLING,
    "Commands": COMMANDS,
    "Pipelines": PIPELINES,
}
