"""The replay page: a recorded session watched again, step by step."""

from __future__ import annotations

from dash import html

from dashboard.components import replay, shell
from dashboard.components.attributes import data
from dashboard.components.figure_dialog import figure_dialog


def layout(session_id: str = "", **_query: str) -> html.Div:
    """The page as it stands before the film is there; assets/replay asks for the film and fills it."""
    return html.Div(
        [
            shell.header("/sessions"),
            html.Main(
                [
                    replay.heading(),
                    replay.message(),
                    replay.stage(),
                    replay.player(),
                    replay.chart(),
                    replay.tree(),
                    replay.details(),
                ],
                id="replay",
                className="replay",
                **data(session=session_id, state="loading"),
            ),
            figure_dialog(),
            shell.keys_dialog(replay.REPLAY_KEYS),
        ],
        className="page replay-page",
    )
