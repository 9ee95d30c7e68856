"""Talking to the person at the terminal, and running other programs."""

import contextlib
import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from . import paths


class Problem(Exception):
    """Something the user can mend; the message is one line that says how."""


def say(text: str) -> None:
    """Print a line at once, also when the output is a pipe."""
    print(text, flush=True)


class Progress:
    """One line of progress: rewritten on a terminal, every ten seconds elsewhere."""

    def __init__(self, label: str):
        self.label = label
        self.tty = sys.stdout.isatty()
        self.start = self.last = time.monotonic()
        say(f"{label} ...")

    def show(self, text: str) -> None:
        now = time.monotonic()
        if now - self.last < (0.2 if self.tty else 10):
            return
        self.last = now
        if self.tty:
            print(f"\r\033[K  {text}", end="", flush=True)
        else:
            say(f"  {text}")

    def done(self, text: str = "") -> None:
        clear = "\r\033[K" if self.tty else ""
        say(f"{clear}{self.label}: {text or 'done'} ({time.monotonic() - self.start:.0f} s)")


def require_space(folder: Path, megabytes: int) -> None:
    """Refuse to begin a step for which the disk has no room."""
    existing = folder
    while not existing.exists():
        existing = existing.parent
    free = shutil.disk_usage(existing).free // 2**20
    if free < megabytes:
        raise Problem(
            f"The disk of {existing} has {free} MB free and this step needs {megabytes} MB: "
            "make room and repeat the command."
        )


def explain_failure(what: str, output: str, log: Path | None = None) -> Problem:
    """Turn a failed program's output into one line."""
    if "No space left on device" in output:
        return Problem(f"{what}: the disk is full. Make room and repeat the command.")
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    # The last line of a traceback says more than the host's own "failed to initialize".
    telling = [line for line in lines if re.match(r"[\w.]+(Error|Exception)\b.*: ", line)]
    telling = telling or [
        line for line in lines if re.search(r"\b(error|critical|fatal|failed|E:)", line, re.I)
    ]
    reason = (telling or lines or ["no message"])[-1][:300]
    where = f" (whole output: {log})" if log else ""
    return Problem(f"{what} failed: {reason}{where}")


def run(
    command: Sequence[str | Path],
    what: str,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> str:
    """Run a short program silently and return its output; a failure is a :class:`Problem`."""
    result = subprocess.run(
        [str(part) for part in command],
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if result.returncode:
        raise explain_failure(what, result.stdout)
    return result.stdout


def run_logged(
    command: Sequence[str | Path],
    what: str,
    log: Path,
    on_line: Callable[[str], None] = lambda line: None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> None:
    """Run a long program, keep its output in ``log`` and hand each line to ``on_line``."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as sink, child(command, env=env, cwd=cwd) as process:
        for line in process.stdout:
            sink.write(line)
            sink.flush()
            on_line(line.rstrip())
        code = process.wait()
    if code:
        raise explain_failure(what, log.read_text(encoding="utf-8", errors="replace"), log)


def _die_with_parent() -> None:
    """In a child: ask Linux to end it when this program is killed."""
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # 1 = PR_SET_PDEATHSIG


@contextlib.contextmanager
def child(
    command: Sequence[str | Path],
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdout: int | None = subprocess.PIPE,
    stdin: int | None = subprocess.DEVNULL,
) -> Iterator[subprocess.Popen]:
    """A program that never outlives this one: stopped on Ctrl-C, error and even ``kill -9``."""
    process = subprocess.Popen(
        [str(part) for part in command],
        env=env,
        cwd=cwd,
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.STDOUT if stdout is not None else None,
        text=True,
        errors="replace",
        preexec_fn=_die_with_parent,
    )
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen, seconds: float = 20) -> None:
    """End a child kindly, then firmly; further Ctrl-C do not interrupt the clean-up."""
    handlers = {number: signal.signal(number, signal.SIG_IGN) for number in END_SIGNALS}
    try:
        if process.poll() is None:
            process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        if process.poll() is None:
            process.kill()
            process.wait()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


END_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """The user or the system asked this program to end."""


def _on_end_signal(number: int, _frame) -> None:
    raise Stopped(number)


def catch_end_signals() -> None:
    """Make every kind of end request run the clean-up of the ``with`` blocks."""
    for number in END_SIGNALS:
        signal.signal(number, _on_end_signal)


@contextlib.contextmanager
def locked(name: str, waiting: str) -> Iterator[None]:
    """Let one process at a time through; the others wait and say for what."""
    paths.STATE.mkdir(exist_ok=True)
    with open(paths.STATE / f"{name}.lock", "w", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say(waiting)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def stamp_matches(stamp: Path, key: str) -> bool:
    """Whether a step finished for exactly this input."""
    try:
        return stamp.read_text(encoding="utf-8") == key
    except (OSError, UnicodeDecodeError):
        return False


def write_stamp(stamp: Path, key: str) -> None:
    """Record a finished step; the last thing a step does."""
    partial = stamp.with_name(stamp.name + ".new")
    partial.write_text(key, encoding="utf-8")
    os.replace(partial, stamp)
