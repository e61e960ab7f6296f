"""Signing in and out: a page that works without scripts."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Flask, current_app, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField

from dashboard.access import is_open_here
from dashboard.accounts import store
from dashboard.accounts.attempts import Attempts
from dashboard.accounts.errors import TooManyAttemptsError, WrongPasswordError
from dashboard.accounts.secret import installation_secret
from dashboard.recording.workspace import Workspace
from dashboard.services import workspace

blueprint = Blueprint("sign_in", __name__, template_folder="../templates")
_ATTEMPTS = "regionscope-attempts"
_STALE = "This page was open for too long, or cookies are switched off. Please try again."


class Researcher(UserMixin):  # type: ignore[misc]
    """The person who is signed in; her id is the sign-in's token, so that ending that one ends it."""

    def __init__(self, token: str, person: store.Person) -> None:
        self.id = token
        self.name = person.name


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Name and password."""

    name = StringField("Name")
    password = PasswordField("Password")


def register(server: Flask, opened: Workspace) -> None:
    """Has the server know who is signed in."""
    server.config.update(PERMANENT_SESSION_LIFETIME=store.SIGNED_IN_FOR, WTF_CSRF_TIME_LIMIT=None)
    attempts = Attempts(opened.database, installation_secret(opened.settings.data_dir))
    attempts.forget_old()
    server.extensions[_ATTEMPTS] = attempts
    manager = LoginManager(server)
    manager.session_protection = None  # it keeps an imprint of the address and refuses who changes networks
    manager.user_loader(_researcher)
    server.register_blueprint(blueprint)


def _researcher(token: str) -> Researcher | None:
    person = store.signed_in(workspace().database, token)
    return Researcher(token, person) if person else None


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """The page, and what its form sends."""
    if current_user.is_authenticated or is_open_here():
        return redirect(_inside(request.args.get("next")), 303)
    form = SignInForm()
    if request.method == "GET":
        return _page(form, "" if store.any_account(workspace().database) else _no_account(), 200)
    if not form.validate():
        return _page(form, _STALE, 400)
    try:
        _enter(form.name.data or "", form.password.data or "")
    except WrongPasswordError as error:
        return _page(form, str(error), 401)
    except TooManyAttemptsError as error:
        seconds = max(1, int(error.wait.total_seconds()))
        return _page(form, str(error), 429, {"Retry-After": str(seconds)})
    return redirect(_inside(request.args.get("next")), 303)


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """Ends the sign-in on the server, too: the cookie opens nothing any more."""
    if current_user.is_authenticated:
        store.sign_out(workspace().database, current_user.get_id())
    logout_user()
    session.clear()
    return redirect("/sign-in", 303)


def _enter(name: str, password: str) -> None:
    attempts: Attempts = current_app.extensions[_ATTEMPTS]
    database = workspace().database
    attempts.admit(store.folded(name), request.remote_addr)
    token = store.sign_in(database, name, password)
    attempts.forgive(store.folded(name))
    person = store.signed_in(database, token)
    if person is None:
        raise WrongPasswordError
    session.clear()
    login_user(Researcher(token, person))
    session.pop("_id", None)  # an imprint of the address and the browser
    session.permanent = True


def _page(form: SignInForm, message: str, status: int, headers: dict[str, str] | None = None) -> ResponseReturnValue:
    text = render_template("sign_in.html", form=form, message=message, address=request.full_path.removesuffix("?"))
    return text, status, {"Cache-Control": "no-store", **(headers or {})}


def _no_account() -> str:
    return "Nobody has an account yet. Make one on the server: regionscope user add NAME"


def _inside(address: str | None) -> str:
    """``address`` if it is a page of ours, else the first page.

    Browsers read a backslash as a slash and leave out line breaks, so none may be in it.
    """
    if not address or not address.startswith("/") or "\\" in address or not address.isprintable():
        return "/"
    try:
        parts = urlsplit(address)
    except ValueError:
        return "/"
    if address.startswith("//") or parts.scheme or parts.netloc or parts.path in ("/sign-in", "/sign-out"):
        return "/"
    return address
