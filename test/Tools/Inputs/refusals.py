"""Runs a tool on input that it must refuse, each case in bounded time and memory."""

import os
import resource
import subprocess

SECONDS = 20
BYTES = 4 << 30


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))


def write(folder, name, data):
    """A file of `data` (bytes or text) in `folder`, created with its parents."""
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data if isinstance(data, bytes) else data.encode())
    return path


def check(command, code, text="", environment=None):
    """True when `command` ends with exit code 2 and one error of this code.

    The message must hold `text`, be short, and hold no byte that a terminal
    could take as a command.
    """
    environment = {**os.environ, **(environment or {})}
    try:
        done = subprocess.run(command, capture_output=True, check=False, env=environment,
                              timeout=SECONDS, preexec_fn=limit_memory)
    except subprocess.TimeoutExpired:
        print(f"{command[1:]}: not done after {SECONDS} s")
        return False
    said = done.stderr.decode(errors="replace")
    problems = []
    if done.returncode != 2:
        problems.append(f"exit code {done.returncode} instead of 2")
    if said.count("error[") != 1 or f"error[{code}]" not in said:
        problems.append(f"not one error with code {code}")
    if text not in said:
        problems.append(f"the message lacks `{text}`")
    if len(said) > 4000:
        problems.append(f"{len(said)} characters of messages")
    if any(byte < 32 and byte not in b"\n\t" for byte in done.stderr):
        problems.append("control characters in the message")
    if problems:
        print(f"{[part[:100] for part in command[1:]]}: {'; '.join(problems)}\n{said[:1000]}")
    return not problems
