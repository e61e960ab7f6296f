"""The command line on a data folder, as the commands' own tests have it."""

from tests.dashboard.conftest import run

__all__ = ["run"]
