"""The verbs of the command `smearflow`: one for each thing that a person does.

Each verb imports what it needs when it is called: the list of verbs is there at once.
"""

import typer

from flows import CLONE, PROJECT, options
from flows.feedback_verbs import feedback
from flows.verb import verb

PORT, DRIFT_PORT = "4200", "4201"

app = typer.Typer(add_completion=False, rich_markup_mode=None, subcommand_metavar="VERB ...")
app.add_typer(feedback, name="feedback", help="Labels that people bring back: add, queue.")


@app.callback()
def _about() -> None:
    """Train a network that finds infected cells, test it, export it, watch it.

    Works in the clone that the current folder is in. Options of a verb: smearflow VERB --help
    """


@verb(app)
def run(
    profile: options.Profile = CLONE,
    data: options.Data = None,
    backbone: options.Backbone = None,
    incoming: options.Incoming = None,
    settings: options.Set = None,
) -> None:
    """Train, test, export and monitor a profile.

    Works in this clone for the sample, in runs/<profile> for another profile; computes only what
    has changed since the last run.
    """
    from flows.cli import run_request

    run_request("training", profile, settings, data=data, backbone=backbone, incoming=incoming)


@verb(app)
def validate(
    profile: options.Profile = CLONE,
    data: options.Data = None,
    backbone: options.Backbone = None,
    settings: options.Set = None,
) -> None:
    """Judge labelled cells, without training.

    What fails is shown with pictures. Works in runs/<profile>-validation.
    """
    from flows.cli import run_request

    run_request("validation", profile, settings, data=data, backbone=backbone)


@verb(app)
def monitor(
    profile: options.Profile = CLONE, incoming: options.Incoming = None, act: options.Act = False
) -> None:
    """Judge a folder of new images by the model in use.

    Without a folder those in data/incoming are judged. Drift asks for a retraining by an event,
    which a service answers (smearflow schedule); with --act this command does.
    """
    from flows.cli import folder_of, run_served
    from flows.monitoring import DEFAULT_WINDOW, check_window

    window = folder_of(incoming) or DEFAULT_WINDOW
    flow = "acting" if act else "monitoring"
    run_served(flow, profile, window, check=lambda: check_window(profile, window))


@verb(app)
def retrain(
    profile: options.Profile = CLONE,
    cells: options.Cells = None,
    site: options.Site = None,
    pattern: options.Pattern = None,
    group: options.Grouping = None,
    full: options.Full = False,
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


@verb(app)
def promote(run: options.Run, profile: options.Owner = None) -> None:
    """Make a finished run the model in use, if it is no worse."""
    from flows.promotion import promote_run

    contest = promote_run(run, profile)
    print(f"{contest.comparison}\n\n{contest.decision}".strip(), flush=True)


@verb(app)
def approve(
    model: options.Model, by: options.By, reason: options.Reason, profile: options.Profile = CLONE
) -> None:
    """Put a challenger into use that the rule left undecided."""
    from flows.promotion import approve

    print(approve(profile, model, by, reason), flush=True)


@verb(app)
def rollback(
    model: options.Earlier = None,
    profile: options.Profile = CLONE,
    by: options.Decider = None,
    reason: options.Why = None,
) -> None:
    """Return to an earlier model, byte for byte.

    The one before the one in use, or any by its id.
    """
    from flows.promotion import rollback

    print(rollback(profile, model, by, reason), flush=True)


@verb(app)
def history(profile: options.Profile = CLONE) -> None:
    """List what was decided about models: when, by whom, and why."""
    from flows.promotion import decided

    print(decided(profile), flush=True)


@verb(app)
def crossval(
    profile: options.Profile = CLONE,
    data: options.Data = None,
    backbone: options.Backbone = None,
    settings: options.Set = None,
) -> None:
    """Cross-validate over the patients of a profile.

    Every cell is predicted by a network that never saw its patient. A killed one goes on after the
    folds that are finished.
    """
    from flows.cli import run_request

    run_request("crossval", profile, settings, data=data, backbone=backbone)


@verb(app)
def batch_size(
    profile: options.Profile = CLONE,
    data: options.Data = None,
    backbone: options.Backbone = None,
    settings: options.Set = None,
) -> None:
    """Choose the batch size of a profile on this machine."""
    from flows.cli import run_request

    run_request("batch_size", profile, settings, data=data, backbone=backbone)


@verb(app)
def predict(
    images: options.Images,
    profile: options.Profile = CLONE,
    run: options.Other = None,
    bits: options.Bits = None,
    pattern: options.Names = None,
    form: options.Form = "csv",
    output: options.Output = None,
) -> None:
    """Label images by the model in use, and sum up by patient."""
    from flows.prediction import label_by_profile

    label_by_profile(images, profile, run, bits=bits, pattern=pattern, form=form, output=output)


@verb(app)
def report(profile: options.Profile = CLONE, run: options.Last = None) -> None:
    """Write the pages of a run anew, reports/pages/."""
    from flows.report import rewrite

    print(rewrite(profile, run), flush=True)


@verb(app)
def runs() -> None:
    """List the saved runs, with figures of validation cells."""
    from flows.runs import noted_runs, runs_table

    found = noted_runs()
    print(runs_table(found) if found else "no run is saved yet: make run", flush=True)


@verb(app)
def clean_cache() -> None:
    """Free what no folder, saved run or promoted model needs."""
    from flows.storage import clean_cache

    print("\n".join(clean_cache(PROJECT)), flush=True)


@verb(app)
def schedule(profile: options.Profile = CLONE, port: options.Port = PORT) -> None:
    """Monitor daily and retrain after drift, until Ctrl-C.

    The profile's flows are deployments of Prefect; its UI is served, too.
    """
    from flows.server import port_number
    from flows.settings import check_profile

    check_profile(PROJECT, profile)
    number = port_number(port)
    from flows.deployments import serve_profile

    serve_profile(profile, number)


@verb(app)
def ui(port: options.Port = PORT) -> None:
    """Serve the Prefect UI, for this machine only, until Ctrl-C."""
    from flows.server import serve_ui

    serve_ui(port)


@verb(app)
def drift_ui(port: options.Port = DRIFT_PORT) -> None:
    """Serve Evidently's UI of all judged windows until Ctrl-C.

    It answers this machine only.
    """
    from flows.drift_ui import serve_drift_ui

    serve_drift_ui(port)
