"""The program in a process of its own, without starting Python anew for each run.

A process that has imported it waits for requests; for each it makes a child, gives it arguments,
environment, folder and streams, and lets it live and end as `python -m papertrack` does: modules of
many runs take half the time. With $PAPERTRACK_STARTS every run starts Python after all, as it does
where something is set that Python looks at when it starts.
"""

import atexit
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

COMMAND = (sys.executable, "-m", "papertrack")
#: What a run may be given in its environment here; for all else Python is started.
_PLAIN = re.compile(r"PATH|HOME|LANG|NO_COLOR|COLUMNS|XDG_\w+|PAPERTRACK_\w+|_PAPERTRACK_\w+")
_WAITING = """
import json, os, runpy, select, signal, socket, sys
import email.message, httpx, jinja2, rich.table, sqlite3, sqlite_utils, yaml
import papertrack.cli, papertrack.digesting, papertrack.tracker, papertrack.render.message
listening = socket.socket(fileno=int(sys.argv[1]))
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
    ready, _, _ = select.select([listening, 0], [], [])
    if 0 in ready:  # whoever could ask is gone, however that came
        sys.exit()
    asking, _ = listening.accept()
    if os.fork():
        asking.close()
        continue
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    said, streams, _, _ = socket.recv_fds(asking, 1_000_000, 3)
    child = os.fork()
    if child:
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        asking.sendall(str(code).encode())
        os._exit(0)
    break
told = json.loads(said)
for number, stream in enumerate(streams):
    os.dup2(stream, number)
    os.close(stream)
asking.close()
listening.close()
os.chdir(told["folder"])
os.environ.clear()
os.environ.update(told["env"])
sys.argv[1:], sys.path[0] = told["args"], told["folder"]
runpy.run_module("papertrack", run_name="__main__", alter_sys=True)
"""
_waiting: list[socket.socket] = []  # at most one: where it is asked


def _place() -> str:
    """The address of the process that waits, which is started when first needed."""
    if not _waiting:
        folder = tempfile.TemporaryDirectory()
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(Path(folder.name, "asked")))
        listening.listen(32)
        env = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        process = subprocess.Popen(
            [sys.executable, "-c", _WAITING, str(listening.fileno())],
            pass_fds=[listening.fileno()],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        _waiting.append(listening)

        def end() -> None:
            process.communicate()
            listening.close()
            folder.cleanup()

        atexit.register(end)
    return str(_waiting[0].getsockname())


def run(
    args: Sequence[str], env: Mapping[str, str], folder: Path, stdin: str, timeout: float
) -> "subprocess.CompletedProcess[str]":
    """Run the program to its end, as `subprocess.run` with captured output does."""
    started = "PAPERTRACK_STARTS" in os.environ or not hasattr(os, "fork")
    if started or env.get("LANG") != os.environ.get("LANG") or not all(map(_PLAIN.fullmatch, env)):
        return subprocess.run(
            [*COMMAND, *args],
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=env,
            cwd=folder,
            timeout=timeout,
            check=False,
        )
    request = json.dumps({"args": list(args), "env": dict(env), "folder": str(folder)}).encode()
    with (
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
        socket.socket(socket.AF_UNIX) as asking,
    ):
        given.write(stdin.encode())
        given.seek(0)
        asking.settimeout(timeout)
        asking.connect(_place())
        socket.send_fds(asking, [request], [given.fileno(), out.fileno(), err.fileno()])
        code = int(asking.recv(100))
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode("utf-8"))
    return subprocess.CompletedProcess([*COMMAND, *args], code, *texts)
