"""Runs a command beside a loopback and nothing else: `unshare -rn python apart.py STATE -- COMMAND...`.

Where STATE is not `-`, a stand-in for GitHub's REST interface answers on the loopback; `{api}` in the command becomes
its address, and what it holds in the end is written to the file STATE.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.action.githubapi import GitHub, serve


def main(state_file: str, *command: str) -> int:
    """Run the command and return its exit code."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    if state_file == "-":
        return subprocess.run(command, check=False).returncode
    path = Path(state_file)
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    with serve(GitHub(**kept)) as state:
        code = subprocess.run([part.replace("{api}", state.address) for part in command], check=False).returncode
    path.write_text(json.dumps({"comments": state.comments, "issues": state.issues}), encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *sys.argv[3:]))
