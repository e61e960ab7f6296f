"""The `regionscope` command: everything the page can do to a picture, without a page."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from dashboard.accounts import command as user_command
from dashboard.exports import command as export_command
from dashboard.exports.figures.command import figure
from dashboard.exports.report.command import report
from dashboard.keeping import command as keeping_command
from dashboard.regions_command import compare, import_files
from dashboard.replay_command import replay
from dashboard.settings import Settings
from dashboard.studies import command as study_command

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
images = typer.Typer(no_args_is_help=True, help="Pictures that can be worked on.")
sessions = typer.Typer(no_args_is_help=True, help="Recorded sessions.")
app.add_typer(images, name="images")
regions = typer.Typer(no_args_is_help=True, help="Regions that people and models consider important.")
app.add_typer(sessions, name="sessions")
app.add_typer(regions, name="regions")
users = typer.Typer(no_args_is_help=True, help="Accounts of those who may work here.")
app.add_typer(users, name="user")
studies = typer.Typer(no_args_is_help=True, help="User studies: from a design in YAML to a link for participants.")
app.add_typer(studies, name="study")

Json = Annotated[bool, typer.Option("--json", help="print JSON")]
ModelKey = Annotated[str, typer.Option("--model", help="key of a model, see `regionscope models`")]
DEFAULT_MODEL = "efficientnet_lite0"
# Written out, as importing the methods would make every command wait for them.
EXPLANATION_HELP = "cam, gradcam, gradcam_pp, layercam, occlusion, rise, integrated_gradients, or flip"


@app.callback(invoke_without_command=False)
def options(
    context: typer.Context,
    data_dir: Annotated[Path | None, typer.Option(help="database and files (REGIONSCOPE_DATA_DIR)")] = None,
) -> None:
    """Find out which regions of an image people and image classifiers rely on."""
    context.obj = _settings(data_dir)
    logging.basicConfig(level=context.obj.log_level, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _settings(data_dir: Path | None) -> Settings:
    try:
        return Settings.model_validate({"data_dir": data_dir} if data_dir else {})
    except ValidationError as error:
        first = error.errors()[0]
        typer.echo(f"REGIONSCOPE_{first['loc'][0]}".upper() + f": {first['msg']}.", err=True)
        raise typer.Exit(1) from None


def explained(command: Callable[..., None]) -> Callable[..., None]:
    """Turns our own errors into one line on stderr and exit status 1."""

    @wraps(command)
    def run(*arguments: Any, **named: Any) -> None:
        from dashboard.vision.errors import RegionscopeError
        from db.errors import StorageError

        try:
            command(*arguments, **named)
        except (RegionscopeError, StorageError) as error:
            logging.getLogger(__name__).debug("failed", exc_info=True)
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from None
        except OSError as error:
            typer.echo(f"{error.filename or 'A file'}: {error.strerror or error}", err=True)
            raise typer.Exit(1) from None

    return run


def _print(as_json: bool, value: Any, text: str) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False) if as_json else text)


@app.command()
@explained
def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8050,
    workers: Annotated[int, typer.Option(min=1, max=64, help="processes, each with its own models")] = 1,
) -> None:
    """Serves the application."""
    from dashboard.headless import opened
    from dashboard.serving import Server, check_reachable

    # What is wrong with the data folder or the database is said here, in a line, not by each worker.
    with opened(context.obj) as workspace:
        check_reachable(workspace, host)
    typer.echo(f"Regionscope on http://{host}:{port} – data in {context.obj.data_dir}. Stop with Ctrl-C.", err=True)
    Server(context.obj, host, port, workers).run()


@app.command()
@explained
def classify(
    context: typer.Context,
    pictures: Annotated[list[Path], typer.Argument(metavar="IMAGE...")],
    model: ModelKey = DEFAULT_MODEL,
    top: Annotated[int, typer.Option(min=1)] = 5,
    as_json: Json = False,
) -> None:
    """Says what a model sees in each picture's working copy."""
    from dashboard.headless import classify_files

    answers = classify_files(context.obj, pictures, model, top)
    lines = [
        f"{answer['image']}: "
        + ", ".join(f"{p['label']} {p['probability'] * 100:.1f} %" for p in answer["predictions"])
        for answer in answers
    ]
    _print(as_json, answers, "\n".join(lines))


@app.command()
@explained
def edit(
    context: typer.Context,
    picture: Annotated[Path, typer.Argument(metavar="IMAGE")],
    mask: Annotated[Path, typer.Option(help="PNG; not zero = in the region")],
    method: Annotated[str, typer.Option(help="see `regionscope methods`")] = "telea",
    parameter: Annotated[list[str] | None, typer.Option(help="name=value, as often as needed")] = None,
    model: ModelKey = DEFAULT_MODEL,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="PNG of the result")] = None,
    as_json: Json = False,
) -> None:
    """Removes a region, classifies before and after, records a session."""
    from dashboard.headless import edit_file

    result = edit_file(context.obj, picture, mask, method, _parameters(parameter or []), model, output)
    before, after = result["before"][0], result["after"][0]
    change = f"{before['label']} {before['probability']:.1%} → {after['label']} {after['probability']:.1%}"
    _print(as_json, result, f"{change}; {result['mask_area']:.1%} of the picture; session {result['session']}")


def _parameters(pairs: list[str]) -> dict[str, str]:
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise typer.BadParameter(f"{wrong[0]!r} is not of the form name=value")
    return dict(pair.split("=", 1) for pair in pairs)


@app.command()
@explained
def explain(
    context: typer.Context,
    picture: Annotated[Path, typer.Argument(metavar="IMAGE")],
    method: Annotated[str, typer.Option(help=EXPLANATION_HELP)] = "cam",
    parameter: Annotated[list[str] | None, typer.Option(help="name=value, e.g. filling=telea")] = None,
    label: Annotated[str | None, typer.Option(help="a class by name or number (default: the top answer)")] = None,
    model: ModelKey = DEFAULT_MODEL,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="the map as .npy, a flip as .png")] = None,
    as_json: Json = False,
) -> None:
    """Says where a model looks for a class: a map in the working copy's pixels, not normalised.

    The method "flip" searches for the smallest region whose removal changes the model's top answer.
    """
    from dashboard.explain_command import explain_file, flip_file

    given = _parameters(parameter or [])
    if method == "flip":
        result = flip_file(context.obj, picture, given, label, model, output, _show_progress)
        before, after = (f"{result[key]['label']} ({result[key]['probability']:.1%})" for key in ("before", "after"))
        text = f"{before} becomes {after} without {result['area']:.1%} of the picture"
        tried = f"{result['evaluations']} pictures were tried"
        _print(as_json, result, f"{text}; {tried}." if result["flipped"] else f"Nothing flips {before}; {tried}.")
        return
    result = explain_file(context.obj, picture, method, given, label, model, output, _show_progress)
    peak = result["peak"]
    text = f"{result['label']}: highest at row {peak[0]}, column {peak[1]}; {result['low']:.3g} to {result['high']:.3g}"
    _print(as_json, result, text)


def _show_progress(label: str, share: float) -> None:
    if sys.stderr.isatty():
        typer.echo(f"\r{label} {share:4.0%}", nl=False, err=True)


@app.command()
@explained
def models(
    context: typer.Context,
    fetch: Annotated[str | None, typer.Option(help="download the weights of this torchvision model")] = None,
    as_json: Json = False,
) -> None:
    """Lists the models, and why some are unavailable."""
    from dashboard.headless import list_models

    entries = list_models(context.obj, fetch)
    _print(as_json, entries, "\n".join(_available(entry) for entry in entries))


@app.command()
@explained
def methods(context: typer.Context, as_json: Json = False) -> None:
    """Lists the ways to remove a region, with their parameters, and why some are unavailable."""
    from dashboard.headless import list_methods

    entries = list_methods(context.obj)
    _print(as_json, entries, "\n".join(_available(entry) for entry in entries))


def _available(entry: dict[str, Any]) -> str:
    note = f"unavailable: {entry['unavailable']}" if entry["unavailable"] else entry["explanation"]
    return f"{entry['key']:<20} {entry['label']:<22} {note}"


@images.command("import")
@explained
def import_images(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", exists=True, file_okay=False)],
    image_set: Annotated[str, typer.Option("--set", help="name of the set")] = "imported",
    labels: Annotated[Path | None, typer.Option(help="CSV with the columns file,label")] = None,
    as_json: Json = False,
) -> None:
    """Adds the pictures of a folder; bad files are listed and skipped."""
    from dashboard.headless import import_pictures

    result = import_pictures(context.obj, folder, image_set, labels)
    lines = [f"{len(result['added'])} pictures in the set {image_set}."]
    lines += [f"skipped {bad['file']}: {bad['reason']}" for bad in result["skipped"]]
    _print(as_json, result, "\n".join(lines))


@sessions.command("list")
@explained
def list_sessions(
    context: typer.Context,
    image: Annotated[str | None, typer.Option(help="only of this picture (name or id)")] = None,
    model: Annotated[str | None, typer.Option(help="only with answers of this model")] = None,
    flipped: Annotated[bool, typer.Option("--flipped", help="only where the top answer changed")] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 100,
    as_json: Json = False,
) -> None:
    """Lists recorded sessions, the newest first."""
    from dashboard.headless import find_sessions

    found = find_sessions(context.obj, image, model, flipped, limit)
    lines = [f"{s['id']}  {s['created'][:16]}  {s['edit_count']:>4} edits  {s['image']}  {s['name']}" for s in found]
    _print(as_json, found, "\n".join(lines) or "No session.")


@sessions.command("show")
@explained
def show_session(
    context: typer.Context, session: Annotated[str, typer.Argument(metavar="ID")], as_json: Json = False
) -> None:
    """Shows a session and its tree of edits."""
    from dashboard.headless import show_session as show

    shown = show(context.obj, session)
    lines = [f"{shown['image']} – {shown['name'] or 'unnamed'}, {shown['created'][:16]}"]
    for step in shown["edits"]:
        top = step["predictions"][0]["predictions"][0]["label"] if step["predictions"] else "not classified"
        lines.append(
            f"  {step['id']}  {step['method']}  {step['mask_area']:.1%}  {top}{'  flipped' if step['flipped'] else ''}"
        )
    _print(as_json, shown, "\n".join(lines))


app.command()(explained(replay))
app.command()(explained(export_command.export))
app.command()(explained(export_command.verify))
app.command("import")(explained(export_command.import_folder))
app.command()(explained(figure))
app.command()(explained(report))
app.command()(explained(keeping_command.backup))
app.command()(explained(keeping_command.restore))
app.command()(explained(keeping_command.doctor))
regions.command("import")(explained(import_files))
regions.command("compare")(explained(compare))
users.command("add")(explained(user_command.add))
users.command("list")(explained(user_command.list_accounts))
users.command("remove")(explained(user_command.remove))
users.command("password")(explained(user_command.password))
studies.command("create")(explained(study_command.create))
studies.command("check")(explained(study_command.check))
studies.command("list")(explained(study_command.list_studies))
studies.command("show")(explained(study_command.show))
studies.command("open")(explained(study_command.open_study))
studies.command("pause")(explained(study_command.pause))
studies.command("close")(explained(study_command.close))
studies.command("withdraw")(explained(study_command.withdraw))
studies.command("results")(explained(study_command.results))


@app.command()
@explained
def demo(context: typer.Context, as_json: Json = False) -> None:
    """Fills an empty data folder with a few recorded sessions and a study that some people have taken."""
    from dashboard.headless import opened
    from dashboard.recording.demo import record_demo
    from dashboard.studies.demo import record_demo_study

    with opened(context.obj) as workspace:
        recorded = record_demo(workspace)
        record_demo_study(workspace)
    _print(as_json, recorded, f"{len(recorded)} sessions recorded. See them with `regionscope sessions list`.")


def main() -> None:
    """The console script."""
    app()
