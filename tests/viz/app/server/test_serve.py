"""What is said before the server starts, and what it keeps to itself. No server runs here."""

import socket

import pytest

from lodeflow.data.problems import DataError
from lodeflow.viz.app.server import serve


def test_a_port_that_is_taken_is_one_line():
    with socket.create_server(("localhost", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(DataError, match=f"cannot listen on localhost:{port}.*Choose another"):
            serve.check("localhost", port)


@pytest.mark.parametrize(
    "origin", ["lode.example.org", "*", "https://a.org/path", "https://me@a.org", "ftp://a.org", ""]
)
def test_an_origin_that_is_no_address_is_one_line(origin):
    with pytest.raises(DataError, match=r"--allow-origin: .* is not an address"):
        serve.check("localhost", 0, ["https://good.example.org", origin])


def test_the_server_is_private():
    chosen = serve.settings(5, 3)
    assert chosen["SOLARA_TELEMETRY_MIXPANEL_ENABLE"] == "False"
    assert chosen["SOLARA_MODE"] == "production"
    assert chosen["SOLARA_SESSION_SECRET_KEY"] != serve.settings(5, 3)["SOLARA_SESSION_SECRET_KEY"]
