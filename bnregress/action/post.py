"""Writes a report as one comment of a pull request, or as one issue, and updates it from then on.

Runs on the runner's own Python, as a file: `python3 -I post.py`. The job that has the right to write installs
nothing, so this is the standard library alone; and the report comes from another job, so it is taken for hostile.
"""

from __future__ import annotations

import html
import json
import os
import re
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

# Of the same checkout, of which nothing is installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bnregress.reading.workflow import escape

#: Characters; GitHub takes 65,536.
LIMIT = 60_000
READ = 4 * 2**20
#: Comments, or issues, that are looked through for our own.
PAGES = 20
PER_PAGE = 100
#: Who writes with the token that GitHub gives to a job.
AUTHOR = "github-actions[bot]"

_MARKER = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_NUMBER = re.compile(r"[1-9][0-9]{0,9}")
_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")


#: What GitHub gives a meaning, each up to the place where an empty character takes it away.
_NOTHING = "\u200b"
_LIVE = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"@",  # somebody's name
        r"#(?=[0-9])",  # an issue, alone or behind a repository
        r"gh-(?=[0-9])",
        r"<(?=[a-z/!?])(?!(?:br|code|/code)>)",  # HTML
        r"\](?=[(:\[])",  # a link, an image, what defines either, a footnote
        r":(?=//)",  # an address
        r"www(?=\.)",
        r"\$",  # a formula
        r"&(?=(?:#|[a-z]))(?!(?:#[0-9]{1,7}|[a-z][a-z0-9]{1,30});)",  # half a character reference
    )
)
_SECTION = re.compile(r"</?(?:details|summary)\b[^<>]*>", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
#: Characters that stay references: written out, they would be Markdown. None of them is part of what has a meaning.
_STAY = {
    "|": "verbar", "`": "grave", "*": "ast", "_": "lowbar", "<": "lt", ">": "gt", "&": "amp", '"': "quot", "'": "apos",
    "[": "lbrack", "]": "rbrack", "(": "lpar", ")": "rpar", "{": "lbrace", "}": "rbrace", "!": "excl", "\\": "bsol",
    "+": "plus", "=": "equals", "$": "dollar",
}  # fmt: skip
#: What is said of a block of code: GitHub draws diagrams, maps and formulas from some.
_INFO = re.compile(r"^([ \t>*+-]*(?:[0-9]{1,9}[.)][ \t]+)?(?:`{3,}|~{3,}))[^`\n]*[^`\s][^`\n]*$", re.MULTILINE)


class PostError(Exception):
    """The report cannot be posted; the message says why."""


def main() -> int:
    """Post what the environment names, and print the address of the comment or issue."""
    try:
        print(post(dict(os.environ)))
    except PostError as error:
        print(f"::error title=bnregress::{escape(str(error))}")
        return 1
    return 0


def post(environ: dict[str, str]) -> str:
    """Make or update the comment or the issue, and return its address.

    Raises:
        PostError: an input is wrong, or GitHub refuses.
    """
    marker = _fitting(_MARKER, environ, "marker")
    report = defused(_report(environ))
    body = f"<!-- bnregress: {marker} -->\n{report}"
    api = Api(environ)
    repository = _fitting(_REPOSITORY, environ, "GITHUB_REPOSITORY")
    title = environ.get("BNREGRESS_POST_TITLE", "")
    if title:
        return _issue(api, repository, title, body)
    number = _fitting(_NUMBER, environ, "pull-request")
    return _comment(api, f"/repos/{repository}/issues", number, body)


def _comment(api: Api, issues: str, number: str, body: str) -> str:
    ours = _ours(api, f"{issues}/{number}/comments", body)
    if ours:
        return str(api.call("PATCH", f"{issues}/comments/{int(ours['id'])}", {"body": body})["html_url"])
    return str(api.call("POST", f"{issues}/{number}/comments", {"body": body})["html_url"])


def _issue(api: Api, repository: str, title: str, body: str) -> str:
    if not title.isprintable() or len(title) > 200:
        raise PostError("The title of an issue is one line of at most 200 characters.")
    issues = f"/repos/{repository}/issues"
    ours = _ours(api, issues, body)
    if ours:
        return str(api.call("PATCH", f"{issues}/{int(ours['number'])}", {"body": body})["html_url"])
    return str(api.call("POST", issues, {"title": title, "body": body})["html_url"])


def _ours(api: Api, path: str, body: str) -> dict[str, Any] | None:
    """Return what carries our marker and was written by us: anybody can write a marker."""
    marker = body.splitlines()[0]
    for page in range(1, PAGES + 1):
        found = api.call("GET", f"{path}?per_page={PER_PAGE}&page={page}")
        for each in found:
            author = (each.get("user") or {}).get("login")
            if author == AUTHOR and (each.get("body") or "").startswith(marker) and "pull_request" not in each:
                return dict(each)
        if len(found) < PER_PAGE:
            return None
    return None


def defused(report: str) -> str:
    """Return the report so that it notifies nobody, links, loads and hides nothing, and is not too long.

    In what GitHub makes of it, no text mentions a person, an issue or a commit by number, and of HTML there is but
    `<br>` and `<code>`; sections that open on a click stand open.
    """
    text = _SECTION.sub("", report.replace("\0", ""))
    text = _REFERENCE.sub(_decoded, text)
    for pattern in _LIVE:
        text = pattern.sub(lambda match: match[0] + _NOTHING, text)
    text = _INFO.sub(r"\1text", text)
    if len(text) > LIMIT:
        text = text[: text.rfind("\n", 0, LIMIT) + 1] + "\nTruncated. The full report is in the artifacts of the run.\n"
    return text


def _decoded(match: re.Match[str]) -> str:
    character = html.unescape(match[0])
    # By name: a number would look like that of an issue, where references are shown as they are.
    return f"&{_STAY[character]};" if character in _STAY else character


def _report(environ: dict[str, str]) -> str:
    path = Path(environ.get("BNREGRESS_POST_BODY", ""))
    root = Path(environ["GITHUB_WORKSPACE"]).resolve()
    if path.is_symlink() or not (root / path).resolve().is_relative_to(root) or not (root / path).is_file():
        raise PostError(f"The report {str(path)!r} is not a plain file in the workspace.")
    with (root / path).open("rb") as file:
        return file.read(READ).decode("utf-8", "replace")


def _fitting(pattern: re.Pattern[str], environ: dict[str, str], name: str) -> str:
    variable = name if name.isupper() else f"BNREGRESS_POST_{name.upper().replace('-', '_')}"
    text = environ.get(variable, "")
    if not pattern.fullmatch(text):
        raise PostError(f"The input {name} is {text[:100]!r}, which does not match {pattern.pattern}.")
    return text


class Api:
    """GitHub's REST interface, with the token of the job."""

    def __init__(self, environ: dict[str, str]) -> None:
        """Take the address and the token from the environment."""
        self._root = environ.get("GITHUB_API_URL", "https://api.github.com")
        self._token = environ.get("BNREGRESS_POST_TOKEN", "")
        if not self._token:
            raise PostError("The input token is empty. Give ${{ github.token }} and give the job the right to write.")

    def call(self, method: str, path: str, value: Any = None) -> Any:
        """Send a request and return the JSON of the answer; PostError where GitHub refuses."""
        request = urllib.request.Request(
            self._root + path,
            method=method,
            data=None if value is None else json.dumps(value).encode(),
            headers={
                "Authorization": f"Bearer {self._token}",
                "Accept": "application/vnd.github+json",
                "Content-Type": "application/json",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise PostError(f"GitHub answered {error.code} to {method} {path.partition('?')[0]}.") from error
        except (OSError, ValueError) as error:
            raise PostError(f"GitHub cannot be reached: {error}.") from error


if __name__ == "__main__":
    sys.exit(main())
