"""Opens a pull request with the rows and locks of new releases, or updates it.

Runs on the runner's own Python, as a file: `python3 -I propose.py`. As in `post`, the job that has the right to write
installs nothing, and takes what it is given for hostile: only resources of the catalog are committed, to a branch of
their own, on top of the commit that they were made from.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

# Of the same checkout, of which nothing is installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bnregress.action.post import Api, PostError, defused
from bnregress.reading.workflow import escape

#: What a proposal may change.
ALLOWED = re.compile(r"bnregress/resources/(?:catalog\.toml|locks/[a-z0-9][a-z0-9.-]{0,99}\.txt)")
LARGEST = 2 * 2**20
#: Files; one release has at most ten.
MOST = 100

_BRANCH = re.compile(r"bnregress/[a-z0-9][a-z0-9-]{0,63}")
_SHA = re.compile(r"[0-9a-f]{40}")
_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")


def main() -> int:
    """Propose what the environment names, and print the address of the pull request."""
    try:
        print(propose(os.environ))
    except PostError as error:
        print(f"::error title=bnregress::{escape(str(error))}")
        return 1
    return 0


def propose(environ: Mapping[str, str]) -> str:
    """Make or update the branch and its pull request, and return its address.

    Raises:
        PostError: an input is wrong, a file is none that may be changed, or GitHub refuses.
    """
    repository = _fitting(_REPOSITORY, environ, "GITHUB_REPOSITORY")
    branch = _fitting(_BRANCH, environ, "BNREGRESS_PROPOSE_BRANCH")
    parent = _fitting(_SHA, environ, "GITHUB_SHA")
    title = environ.get("BNREGRESS_PROPOSE_TITLE", "")
    if not title or not title.isprintable() or len(title) > 200:
        raise PostError("The title of a pull request is one line of at most 200 characters.")
    folder = _folder(environ)
    body = defused(_text(folder / "body.md"))
    entries = [{"path": name, "mode": "100644", "type": "blob", "content": text} for name, text in _files(folder)]
    if not entries:
        raise PostError("There is no file to propose.")
    api, root = Api(dict(environ)), f"/repos/{repository}"
    base = api.call("GET", f"{root}/git/commits/{parent}")["tree"]["sha"]
    tree = api.call("POST", f"{root}/git/trees", {"base_tree": base, "tree": entries})["sha"]
    commit = {"message": f"{title}\n", "tree": tree, "parents": [parent]}
    sha = api.call("POST", f"{root}/git/commits", commit)["sha"]
    there = api.call("GET", f"{root}/git/matching-refs/heads/{branch}")
    if any(each["ref"] == f"refs/heads/{branch}" for each in there):
        api.call("PATCH", f"{root}/git/refs/heads/{branch}", {"sha": sha, "force": True})
    else:
        api.call("POST", f"{root}/git/refs", {"ref": f"refs/heads/{branch}", "sha": sha})
    owner = repository.partition("/")[0]
    found = api.call("GET", f"{root}/pulls?state=open&head={owner}:{branch}")
    if found:
        number = int(found[0]["number"])
        return str(api.call("PATCH", f"{root}/pulls/{number}", {"title": title, "body": body})["html_url"])
    target = str(api.call("GET", root)["default_branch"])
    opened = {"title": title, "body": body, "head": branch, "base": target}
    return str(api.call("POST", f"{root}/pulls", opened)["html_url"])


def _folder(environ: Mapping[str, str]) -> Path:
    root = Path(environ["GITHUB_WORKSPACE"]).resolve()
    folder = root / environ.get("BNREGRESS_PROPOSE_FOLDER", "")
    if folder == root or not folder.resolve().is_relative_to(root) or not folder.is_dir():
        raise PostError(f"The proposal {folder.name!r} is not a folder in the workspace.")
    return folder


def _files(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield each file by its path in the repository.

    Raises:
        PostError: one is a link, too large, not text, or not what a proposal may change.
    """
    root = folder / "files"
    paths = sorted(path for path in root.rglob("*") if path.is_symlink() or not path.is_dir())
    if len(paths) > MOST:
        raise PostError(f"The proposal has {len(paths)} files; {MOST} are allowed.")
    for path in paths:
        name = path.relative_to(root).as_posix()
        if not ALLOWED.fullmatch(name):
            raise PostError(f"The proposal has a file {name[:200]!r}, which none may change.")
        yield name, _text(path)


def _text(path: Path) -> str:
    if any(each.is_symlink() for each in (path, path.parent)) or not path.is_file():
        raise PostError(f"The proposal's file {path.name!r} is not a plain file.")
    content = path.read_bytes()
    if len(content) > LARGEST:
        raise PostError(f"The proposal's file {path.name!r} is larger than {LARGEST} bytes.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PostError(f"The proposal's file {path.name!r} is not UTF-8.") from error


def _fitting(pattern: re.Pattern[str], environ: Mapping[str, str], name: str) -> str:
    text = environ.get(name, "")
    if not pattern.fullmatch(text):
        raise PostError(f"{name} is {text[:100]!r}, which does not match {pattern.pattern}.")
    return text


if __name__ == "__main__":
    sys.exit(main())
