"""Accounts and signed-in clients."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient

from dashboard.accounts import store
from db.engine import Database

NAME = "ann"
PASSWORD = "the owl and the cat"


def make_account(database: Database, name: str = NAME, password: str = PASSWORD) -> store.Person:
    return store.add(database, name, password)


def send_form(client: FlaskClient, name: str, password: str, address: str = "/sign-in", **options):
    """Opens the page and sends its form, token and all."""
    page = client.get(address, **options)
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page.text)
    assert token, page.text
    fields = {"name": name, "password": password, "csrf_token": token[1]}
    origin = options.get("base_url", "http://localhost").rstrip("/")
    headers = {"Origin": origin, **options.pop("headers", {})}
    return client.post(address, data=fields, headers=headers, **options)


def signed_in(server: Flask, name: str = NAME, password: str = PASSWORD) -> FlaskClient:
    """A client of somebody who has signed in; it says where it comes from, as a browser does."""
    client = server.test_client()
    assert send_form(client, name, password).status_code == 303
    client.environ_base["HTTP_ORIGIN"] = "http://localhost"
    return client
