"""A dashboard in a process of its own, for tests that visit it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

BROKEN = "10s"
"""Time after which it sends visitors away whose connection broke: a browser that is closed may not say goodbye."""

COMMAND = ("-m", "lodeflow")
CALM = (
    "-c",
    "from lodeflow.viz.app.beside import band; band.wanted = lambda *_: None; "
    "from lodeflow.__main__ import main; main()",
)
"""The command without quick runs behind the page, which take a quarter of the processor's time: `test_band.py` has them."""


@contextmanager
def serving(*options, program=COMMAND):
    """Start a dashboard with more options of its command, give (address, process id), and end it; it must end in peace."""
    with socket.create_server(("localhost", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, *program, "app", "--port", str(port), "--no-open", *options]
    soon = os.environ | {"SOLARA_KERNEL_CULL_TIMEOUT": BROKEN}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=soon)
    address = f"http://localhost:{port}"
    for _ in range(1200):
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
