"""Hooks of MkDocs: generated pages, files of the repository that pages link to, and a site that needs no network."""

from __future__ import annotations

import posixpath
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

from docs.hooks import commands, configuration, formats, suite

ROOT = Path(__file__).parents[2]
#: Where the site keeps the files outside of docs/ that its pages link to.
COPIES = "repository"
LINK = re.compile(r"(\]\()([^)#\s]*?\.\./[^)#\s]+)(\)|#)")
#: What a browser loads by itself, by tag; all other addresses are links that a person may follow.
LOADS = {
    "audio": ("src",), "embed": ("src",), "iframe": ("src",), "img": ("src", "srcset"), "input": ("src",),
    "link": ("href",), "object": ("data",), "script": ("src",), "source": ("src", "srcset"), "track": ("src",),
    "video": ("src", "poster"),
}  # fmt: skip
#: A `link` of these kinds says where something is, and loads nothing.
SAYS = {"alternate", "author", "canonical", "license", "next", "prev"}
OUTSIDE = re.compile(r"\s*(?:https?:)?//", re.IGNORECASE)
#: A web address without a host, which a checker of form alone lets pass.
BARE = re.compile(r"\s*https?:(?!//[^/\s])", re.IGNORECASE)
IMPORTS = re.compile(r"(?:url\(\s*['\"]?|@import\s+['\"])((?:https?:)?//[^'\")\s]+)", re.IGNORECASE)


def on_files(files: Any, config: Any) -> Any:
    """Add the generated pages."""
    pages = [*commands.pages(), ("reference/configuration.md", configuration.page()), *formats.pages(), *suite.pages()]
    for path, content in pages:
        files.append(File.generated(config, path, content=content))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Lead links to files of the repository, as `../examples/shards.sh`, to copies of them in the site."""
    here = posixpath.dirname(page.file.src_uri)

    def lead(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join("docs", here, match[2]))
        if target.startswith("docs/") or not (ROOT / target).is_file():
            return match[0]  # a page, or a dead link, which MkDocs names
        copy = f"{COPIES}/{target}"
        if files.get_file_from_path(copy) is None:
            files.append(File.generated(config, copy, content=(ROOT / target).read_bytes()))
        return match[1] + posixpath.relpath(copy, here or ".") + match[3]

    return LINK.sub(lead, markdown)


def on_post_build(config: Any) -> None:
    """Refuse a site of which a page would load anything from elsewhere, or name an address without a host."""
    found = outside(Path(config.site_dir))
    if found:
        raise PluginError("Pages load what is not in the site:\n" + "\n".join(found))


def outside(site: Path) -> list[str]:
    """Return what the pages and style sheets of a site load from elsewhere, a line each."""
    lines = []
    for path in sorted(site.rglob("*")):
        addresses = []
        if path.suffix == ".html":
            reader = _Loads()
            reader.feed(path.read_text(encoding="utf-8"))
            addresses = reader.addresses
        elif path.suffix == ".css":
            addresses = IMPORTS.findall(path.read_text(encoding="utf-8"))
        lines += [f"{path.relative_to(site)}: {address}" for address in addresses]
    return lines


class _Loads(HTMLParser):
    """Collects what a page loads from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "link" and SAYS.intersection((values.get("rel") or "").split()):
            return
        if tag == "a" and BARE.match(values.get("href") or ""):
            self.addresses.append(f"{values['href']} is no address")
        for name in LOADS.get(tag, ()):
            if OUTSIDE.match(values.get(name) or ""):
                self.addresses.append(values[name] or "")
        self.addresses += IMPORTS.findall(values.get("style") or "")
