"""A dashboard in a process of its own, a browser, and a visitor's tab; all start with the first test that asks for them."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from tests.viz.app.browser import BROKEN, CHROMIUM, FLAGS, PLACES, Tab


@pytest.fixture(scope="module")
def server():
    """A dashboard in its own process: (address, process id)."""
    port = _free_port()
    command = [sys.executable, "-m", "lodeflow", "app", "--port", str(port), "--no-open", "--sessions", str(PLACES)]
    soon = os.environ | {"SOLARA_KERNEL_CULL_TIMEOUT": BROKEN}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=soon)
    address = f"http://localhost:{port}"
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=2):
                break
        except (urllib.error.URLError, OSError):
            assert process.poll() is None, process.stdout.read()
            time.sleep(0.1)
    yield address, process.pid
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=30)
    assert "Traceback" not in said, said


def _free_port():
    with socket.create_server(("localhost", 0)) as free:
        return free.getsockname()[1]


@pytest.fixture(scope="module")
def chromium():
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium, server):
    one = Tab(chromium, server[0]).ready()
    yield one
    one.close()
