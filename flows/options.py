"""What the verbs of the command line take."""

from typing import Annotated, Any, Literal

import typer


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
