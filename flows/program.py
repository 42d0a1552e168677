"""The command `smearflow`: a verb for each thing that a person does.

Each verb imports what it needs when it is called: the list of verbs is there at once.
"""

import inspect
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal, NoReturn

import typer
from typer.main import get_command

from flows import CLONE, PIPELINE, PROJECT
from smearflow.ground.errors import SmearflowError, as_smearflow
from smearflow.ground.pipes import end_if_unread

NAME, PORT, DRIFT_PORT = "smearflow", "4200", "4201"
_DEBUG = "SMEARFLOW_DEBUG"  # stages, which DVC starts, read it too

app = typer.Typer(add_completion=False, rich_markup_mode=None, subcommand_metavar="VERB ...")


@app.callback()
def _about() -> None:
    """Train a network that finds infected cells, test it, export it, watch it.

    Works in the clone that the current folder is in. Options of a verb: smearflow VERB --help
    """


def _option(metavar: str, text: str, *names: str) -> Any:
    # an empty text, as an empty variable of make is, means: not given
    return typer.Option(*names, metavar=metavar, help=text, callback=lambda value: value or None)


_PROFILE = "sample, which is the clone's own params.yaml, or a file of profiles/, without .yaml"
_CELLS = "newly labelled cells, or a table of labels; those handed in earlier count too"
_SITE = "whose cells they are; it is named once with its pattern, and remembered"
_PATTERN = "regular expression with (?P<patient>...) that fits their names; else the model's"
_GROUP = "what of them stays together where no patient is known: field, time or file"
_PLACE = "a folder with a subfolder per class, or a CSV: file or cell, label, reviewer, note"
_NAMES = "regular expression with (?P<patient>...); else the model's own, else the top folder"
_FORM = "csv, of cells; json, of cells and patients"

Profile = Annotated[str, typer.Option(metavar="NAME", help=_PROFILE)]
Owner = Annotated[str | None, _option("NAME", "whose model in use it becomes; else the run's own")]
Data = Annotated[str | None, _option("PLACE", "folder, archive or URL of labelled cells")]
Backbone = Annotated[str | None, _option("PLACE", "folder, archive or URL of the backbone")]
Incoming = Annotated[str | None, _option("FOLDER", "unlabelled cells to monitor")]
Cells = Annotated[str | None, _option("PLACE", _CELLS)]
Place = Annotated[str, typer.Argument(metavar="PLACE", help=_PLACE)]
Site = Annotated[str | None, _option("NAME", _SITE)]
Reviewer = Annotated[str | None, _option("NAME", "who labelled them; else whom git knows here")]
Budget = Annotated[int | None, typer.Option(min=1, help="cells at most; else the profile's")]
Act = Annotated[bool, typer.Option("--act", help="retrain at once where drift or labels ask")]
Test = Annotated[bool, typer.Option("--test", help="cells to test models by instead")]
Full = Annotated[bool, typer.Option("--full", help="explore anew, as in a first training")]
Pattern = Annotated[str | None, _option("REGEX", _PATTERN)]
Grouping = Annotated[str | None, _option("KIND", _GROUP, "--group")]
Set = Annotated[str | None, _option("SETTINGS", "as 'train.epochs=5 tune.trials=3'", "--set")]
Run = Annotated[str, typer.Argument(metavar="RUN", help="its folder, or its name in the list")]
Model = Annotated[str, typer.Argument(metavar="ID", help="of a release that was challenged")]
By = Annotated[str, typer.Option(metavar="NAME", help="who decides")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="for the decision")]
Earlier = Annotated[str | None, typer.Argument(metavar="ID", help="else the model before")]
Decider = Annotated[str | None, _option("NAME", "who decides; else whom git knows here")]
Why = Annotated[str | None, _option("TEXT", "for the decision")]
Last = Annotated[str | None, _option("FOLDER", "of a run; else the last run of the profile")]
Other = Annotated[str | None, _option("FOLDER", "of a run whose model is wanted instead")]
Images = Annotated[str, typer.Argument(metavar="IMAGES", help="an image, or a folder of them")]
Bits = Annotated[int | None, typer.Option(min=8, max=16, help="of samples of more than 8 bits")]
Names = Annotated[str | None, _option("REGEX", _NAMES, "--pattern")]
Form = Annotated[Literal["csv", "json"], typer.Option("--format", help=_FORM)]
Output = Annotated[str | None, _option("FOLDER", "for the tables; else they are printed")]
Port = Annotated[str, typer.Option(metavar="NUMBER", help="of the UI")]
Debug = Annotated[bool, typer.Option("--debug", help="show the traceback of an error")]


def _verb_of(owner: typer.Typer, name: str, work: Callable[..., None]) -> Callable[..., None]:
    """Make a function a verb of that name, with --debug beside its own options."""

    def run_verb(debug: Debug = False, **asked: Any) -> None:
        if debug:
            os.environ[_DEBUG] = "1"
        if not (PROJECT / PIPELINE).is_file():
            raise SmearflowError(
                f"neither {PROJECT} nor a folder above it holds {PIPELINE}",
                "run it in a clone of smearflow: cd <clone>",
            )
        work(**asked)

    own = inspect.signature(work).parameters.values()
    added = inspect.signature(run_verb).parameters["debug"]
    # what typer reads the options from
    run_verb.__signature__ = inspect.Signature([*own, added])  # type: ignore[attr-defined]
    owner.command(name, help=inspect.getdoc(work))(run_verb)
    return work


def _verb(work: Callable[..., None]) -> Callable[..., None]:
    return _verb_of(app, work.__name__.replace("_", "-"), work)


@_verb
def run(
    profile: Profile = CLONE,
    data: Data = None,
    backbone: Backbone = None,
    incoming: Incoming = None,
    settings: Set = None,
) -> None:
    """Train, test, export and monitor a profile.

    Works in this clone for the sample, in runs/<profile> for another profile; computes only what
    has changed since the last run.
    """
    from flows.cli import run_request

    run_request("training", profile, settings, data=data, backbone=backbone, incoming=incoming)


@_verb
def validate(
    profile: Profile = CLONE, data: Data = None, backbone: Backbone = None, settings: Set = None
) -> None:
    """Judge labelled cells, without training.

    What fails is shown with pictures. Works in runs/<profile>-validation.
    """
    from flows.cli import run_request

    run_request("validation", profile, settings, data=data, backbone=backbone)


@_verb
def monitor(profile: Profile = CLONE, incoming: Incoming = None, act: Act = False) -> None:
    """Judge a folder of new images by the model in use.

    Without a folder those in data/incoming are judged. Drift asks for a retraining by an event,
    which a service answers (smearflow schedule); with --act this command does.
    """
    from flows.cli import folder_of, run_served
    from flows.monitoring import DEFAULT_WINDOW, check_window

    window = folder_of(incoming) or DEFAULT_WINDOW
    flow = "acting" if act else "monitoring"
    run_served(flow, profile, window, check=lambda: check_window(profile, window))


@_verb
def retrain(
    profile: Profile = CLONE,
    cells: Cells = None,
    site: Site = None,
    pattern: Pattern = None,
    group: Grouping = None,
    full: Full = False,
) -> None:
    """Challenge the model in use with newly labelled cells.

    The new model takes its place only if it is not worse on the same test cells. It starts from the
    settings of the one in use, and tries a few around them.
    """
    from flows.cli import folder_of, run_served
    from flows.labels import USUAL_SITE
    from flows.retraining import check_cells

    wanted = (folder_of(cells), site or USUAL_SITE, pattern, group)
    run_served(
        "retraining", profile, *wanted, full=full, check=lambda: check_cells(profile, *wanted)
    )


@_verb
def promote(run: Run, profile: Owner = None) -> None:
    """Make a finished run the model in use, if it is no worse."""
    from flows.promotion import promote_run

    contest = promote_run(run, profile)
    print(f"{contest.comparison}\n\n{contest.decision}".strip(), flush=True)


@_verb
def approve(model: Model, by: By, reason: Reason, profile: Profile = CLONE) -> None:
    """Put a challenger into use that the rule left undecided."""
    from flows.promotion import approve

    print(approve(profile, model, by, reason), flush=True)


@_verb
def rollback(
    model: Earlier = None, profile: Profile = CLONE, by: Decider = None, reason: Why = None
) -> None:
    """Return to an earlier model, byte for byte.

    The one before the one in use, or any by its id.
    """
    from flows.promotion import rollback

    print(rollback(profile, model, by, reason), flush=True)


@_verb
def history(profile: Profile = CLONE) -> None:
    """List what was decided about models: when, by whom, and why."""
    from flows.promotion import decided

    print(decided(profile), flush=True)


@_verb
def crossval(
    profile: Profile = CLONE, data: Data = None, backbone: Backbone = None, settings: Set = None
) -> None:
    """Cross-validate over the patients of a profile.

    Every cell is predicted by a network that never saw its patient. A killed one goes on after the
    folds that are finished.
    """
    from flows.cli import run_request

    run_request("crossval", profile, settings, data=data, backbone=backbone)


@_verb
def batch_size(
    profile: Profile = CLONE, data: Data = None, backbone: Backbone = None, settings: Set = None
) -> None:
    """Choose the batch size of a profile on this machine."""
    from flows.cli import run_request

    run_request("batch_size", profile, settings, data=data, backbone=backbone)


@_verb
def predict(
    images: Images,
    profile: Profile = CLONE,
    run: Other = None,
    bits: Bits = None,
    pattern: Names = None,
    form: Form = "csv",
    output: Output = None,
) -> None:
    """Label images by the model in use, and sum up by patient."""
    from flows.prediction import label_by_profile

    label_by_profile(images, profile, run, bits=bits, pattern=pattern, form=form, output=output)


@_verb
def report(profile: Profile = CLONE, run: Last = None) -> None:
    """Write the pages of a run anew, reports/pages/."""
    from flows.report import rewrite

    print(rewrite(profile, run), flush=True)


@_verb
def runs() -> None:
    """List the saved runs, with figures of validation cells."""
    from flows.runs import noted_runs, runs_table

    found = noted_runs()
    print(runs_table(found) if found else "no run is saved yet: make run", flush=True)


@_verb
def clean_cache() -> None:
    """Free what no folder, saved run or promoted model needs."""
    from flows.storage import clean_cache

    print("\n".join(clean_cache(PROJECT)), flush=True)


@_verb
def schedule(profile: Profile = CLONE, port: Port = PORT) -> None:
    """Monitor daily and retrain after drift, until Ctrl-C.

    The profile's flows are deployments of Prefect; its UI is served, too.
    """
    from flows.server import port_number
    from flows.settings import check_profile

    check_profile(PROJECT, profile)
    number = port_number(port)
    from flows.deployments import serve_profile

    serve_profile(profile, number)


@_verb
def ui(port: Port = PORT) -> None:
    """Serve the Prefect UI, for this machine only, until Ctrl-C."""
    from flows.server import serve_ui

    serve_ui(port)


@_verb
def drift_ui(port: Port = DRIFT_PORT) -> None:
    """Serve Evidently's UI of all judged windows until Ctrl-C.

    It answers this machine only.
    """
    from flows.drift_ui import serve_drift_ui

    serve_drift_ui(port)


feedback = typer.Typer(rich_markup_mode=None, subcommand_metavar="VERB ...")
app.add_typer(feedback, name="feedback", help="Labels that people bring back: add, queue.")


def _add(
    place: Place,
    profile: Profile = CLONE,
    site: Site = None,
    pattern: Pattern = None,
    group: Grouping = None,
    reviewer: Reviewer = None,
) -> None:
    """Take labels of cells in; nothing that was said before is lost.

    A folder of new cells; or a table about images beside it, or about cells that are known by
    their ids.
    """
    from flows.cli import folder_of
    from flows.feedback import add
    from flows.labels import USUAL_SITE, Asked
    from smearflow.report.feedback import receipt_text

    named = folder_of(place)
    if named is None:
        raise SmearflowError("nothing is handed in", "name a folder of cells, or a table: ADD=")
    asked = Asked(named, site or USUAL_SITE, pattern, group, reviewer)
    print(receipt_text(add(profile, asked)), flush=True)


_verb_of(feedback, "add", _add)


def _queue(
    profile: Profile = CLONE,
    incoming: Incoming = None,
    site: Site = None,
    pattern: Pattern = None,
    group: Grouping = None,
    budget: Budget = None,
    test: Test = False,
) -> None:
    """Lay out the new cells whose labels should teach most, for people to label.

    Fill in the table and hand it in by `smearflow feedback add`. None are of patients whose cells
    models are tested by; with --test all are, drawn at random.
    """
    from flows.cli import folder_of
    from flows.labels import USUAL_SITE
    from flows.queue import TABLE, queue

    asked = (profile, folder_of(incoming), site or USUAL_SITE, pattern, budget)
    found = queue(*asked, group=group, for_test=test)
    print(f"{found.cells} of {found.of} cells: fill in {found.folder / TABLE}", flush=True)


_verb_of(feedback, "queue", _queue)


def main(words: Sequence[str] | None = None) -> NoReturn:
    """Run a verb and end this process: status 0, 1 after an error, 2 for words it does not know.

    Args:
        words: those after the name of the program; else this process's own.
    """
    if sys.platform not in ("linux", "darwin"):
        sys.exit(f"error: {NAME} does not run on {sys.platform}; use Linux or macOS")
    signal.signal(signal.SIGTERM, _stop)
    arguments = list(sys.argv[1:] if words is None else words)
    try:  # not typer's own main: that takes a broken pipe and Ctrl-C for itself
        with get_command(app).make_context(NAME, arguments) as context:
            context.command.invoke(context)
    except typer.Exit as ended:
        sys.exit(ended.exit_code)
    except typer.TyperException as error:
        _end(f"{_in_line(error)}; see {_path(error)} --help", error.exit_code)
    except (SmearflowError, OSError) as error:
        end_if_unread(error)
        if os.environ.get(_DEBUG):
            traceback.print_exc()
        _end(str(as_smearflow(error, PROJECT)), 1)
    sys.exit(0)


def _in_line(error: typer.TyperException) -> str:
    return " ".join(error.format_message().split()).rstrip(".")


def _path(error: typer.TyperException) -> str:
    """The words up to the verb that was asked wrongly, where typer tells it."""
    context: typer.Context | None = getattr(error, "ctx", None)
    return context.command_path if context else NAME


def _end(message: str, status: int) -> NoReturn:
    print(f"error: {message}", file=sys.stderr)
    sys.exit(status)


def _stop(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
