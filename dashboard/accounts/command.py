"""`regionscope user`: who may work here. A password is typed or comes from stdin, and is never an argument."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

Name = Annotated[str, typer.Argument(metavar="NAME")]


def add(context: typer.Context, name: Name) -> None:
    """Makes an account; the password is asked for twice, or is the first line of stdin."""
    from dashboard.accounts import store
    from dashboard.headless import opened

    with opened(context.obj) as workspace:
        person = store.add(workspace.database, name, _password())
    typer.echo(f"The account {person.name} is made; from now on everybody signs in.")


def list_accounts(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False
) -> None:
    """Lists the accounts."""
    from dashboard.accounts import store
    from dashboard.headless import opened

    with opened(context.obj) as workspace:
        people = store.everybody(workspace.database)
    if as_json:
        found = [{"id": one.id, "name": one.name, "created": one.created_at.isoformat()} for one in people]
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    lines = [f"{one.name}  since {one.created_at:%Y-%m-%d}" for one in people]
    typer.echo("\n".join(lines) or "No account: on this machine everything is open, and nothing is served to others.")


def remove(context: typer.Context, name: Name) -> None:
    """Removes an account and signs it out everywhere; what it did stays."""
    from dashboard.accounts import store
    from dashboard.headless import opened

    with opened(context.obj) as workspace:
        left = store.remove(workspace.database, name)
    last = " It was the last one: on this machine everything is open again."
    typer.echo(f"The account {store.folded(name)} is removed.{'' if left else last}")


def password(context: typer.Context, name: Name) -> None:
    """Changes a password, asked for twice or the first line of stdin, and signs the account out everywhere."""
    from dashboard.accounts import store
    from dashboard.headless import opened

    with opened(context.obj) as workspace:
        store.change_password(workspace.database, name, _password())
    typer.echo(f"The password of {store.folded(name)} is changed; it is signed out everywhere.")


def _password() -> str:
    if sys.stdin.isatty():
        asked: str = typer.prompt("Password", hide_input=True, confirmation_prompt="Again", err=True)
        return asked
    return sys.stdin.readline().rstrip("\r\n")
