"""One place that names TensorFlow, Keras or what is built on them, and how requirements are read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

#: The packages, by the names under which each is published.
FAMILIES = {
    "TensorFlow": (
        *("tensorflow", "tensorflow-cpu", "tensorflow-gpu", "tensorflow-macos", "tensorflow-intel", "tensorflow-rocm"),
        *(
            "tensorflow-cpu-aws",
            "tensorflow-aarch64",
            "intel-tensorflow",
            "tf-nightly",
            "tf-nightly-cpu",
            "tf-nightly-gpu",
        ),
    ),
    "Keras": ("keras", "keras-nightly"),
    "tf_keras": ("tf-keras", "tf-keras-nightly"),
    "keras-hub": ("keras-hub", "keras-hub-nightly"),
    "tensorflow-hub": ("tensorflow-hub", "tf-hub-nightly"),
}
#: All that is looked for, for messages.
ALL_NAMED = "TensorFlow, Keras, tf_keras, keras-hub or tensorflow-hub"
_FAMILY = {name: family for family, names in FAMILIES.items() for name in names}
_NAMES = "|".join(name.replace("-", "[-_.]+") for name in sorted(_FAMILY, key=len, reverse=True))
_NAMED = re.compile(rf"(?<![A-Za-z0-9])(?P<name>{_NAMES})(?![A-Za-z0-9]|[-_.]+[A-Za-z])", re.IGNORECASE)
_LOOSE = re.compile(
    rf"{_NAMED.pattern}(?:\[[^\]]*\])?\s*(?P<spec>(?:===?|=|~=|!=|<=?|>=?)\s*[^\s'\";#]+)", re.IGNORECASE
)
_COMMENT = re.compile(r"(^|\s)#.*$")
_OPTION = re.compile(r"\s--?[A-Za-z].*$")


@dataclass(frozen=True, kw_only=True, order=True)
class Mention:
    """What one file asks for of one package.

    `text` is all that is said, and `version` the exact version in it, None if there is none. `specifier` is what else
    is admitted, None if that is unknown. `opaque` marks what could be any version, as an address or a folder.
    """

    file: str
    package: str
    text: str
    version: str | None = None
    specifier: str | None = None
    opaque: bool = False

    @property
    def family(self) -> str:
        """Which of the packages it is."""
        return _FAMILY[self.package]

    def admits(self, version: str) -> bool:
        """Say if a release of that version is not against what is asked for."""
        if self.opaque:
            return False
        if self.version is not None:
            return Version(self.version) == Version(version)
        return self.specifier is None or SpecifierSet(self.specifier).contains(version, prereleases=True)


def ours(package: object) -> bool:
    """Say if a name is one of the packages'."""
    return isinstance(package, str) and canonicalize_name(package) in _FAMILY


def named(text: str) -> str | None:
    """Return the package that a text names first, None if it names none."""
    match = _NAMED.search(text)
    return canonicalize_name(match["name"]) if match else None


def mention(file: str, package: str, text: str, *, bare: bool = False) -> Mention:
    """Make a mention of a package and a version or a range.

    Args:
        file: the file's path in its tree.
        package: the name as written.
        text: the specifier; empty for any version.
        bare: whether a version alone, or with one `=`, means exactly that one, as in locks, Poetry and conda.
    """
    name, wanted = canonicalize_name(package), text.strip()
    plain = wanted.lstrip("=").partition("=")[0].strip() if bare else wanted
    if bare and (exact := _version(plain)) is not None:
        return Mention(file=file, package=name, text=wanted, version=exact)
    try:
        specifiers = SpecifierSet("" if wanted == "*" else wanted)
    except InvalidSpecifier:
        return Mention(file=file, package=name, text=wanted)
    exact_ones = [each.version for each in specifiers if each.operator in ("==", "===") and "*" not in each.version]
    version = _version(exact_ones[0]) if len(exact_ones) == 1 else None
    if len(exact_ones) > 1 or (exact_ones and version is None):
        return opaque(file, name, wanted)
    return Mention(file=file, package=name, text=wanted, version=version, specifier=str(specifiers))


def opaque(file: str, package: str, text: str) -> Mention:
    """Make a mention whose version cannot be known from the tree."""
    return Mention(file=file, package=canonicalize_name(package), text=text, opaque=True)


def from_requirement(text: str, file: str) -> Iterator[Mention]:
    """Yield what a requirement asks for of the packages; one that cannot be parsed but names them is opaque."""
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        if (package := named(text)) is not None:
            yield opaque(file, package, text)
        return
    if not ours(requirement.name):
        return
    if requirement.url is not None:
        yield opaque(file, requirement.name, text)
        return
    found = mention(file, requirement.name, str(requirement.specifier))
    # Extras and markers are part of what is asked for.
    said = str(requirement)[len(requirement.name) :].strip()
    yield Mention(**{**vars(found), "text": said})


def from_lines(text: str, file: str) -> Iterator[Mention]:
    """Yield what a requirements file asks for; its options, `-r` among them, are the caller's."""
    for line in logical_lines(text):
        if line.startswith("-"):
            if (package := named(line)) is not None and line.startswith(("-e", "--editable")):
                yield opaque(file, package, line)
        elif bare := _OPTION.sub("", line).strip():
            yield from from_requirement(bare, file)


def logical_lines(text: str) -> Iterator[str]:
    """Yield the lines of a requirements file without comments, continued ones as one."""
    joined = re.sub(r"\\\r?\n", " ", text)
    yield from filter(None, (_COMMENT.sub("", line).strip() for line in joined.splitlines()))


def from_loose(text: str, file: str) -> Iterator[Mention]:
    """Yield each `NAME==VERSION` of a text of another kind: a script, a Dockerfile."""
    for line in _uncommented(text):
        for match in _LOOSE.finditer(line):
            yield mention(file, match["name"], match["spec"].rstrip(",)]}"), bare=match["spec"].startswith("="))


def from_conda(text: str, file: str) -> Iterator[Mention]:
    """Yield what a conda environment asks for, those of its pip section too."""
    for line in _uncommented(text):
        if named(line) is None:
            continue
        loose = list(from_loose(line, file))
        item = re.fullmatch(r"\s*-\s*[\"']?(?:[\w./-]+::)?(?P<name>[\w.-]+)(?P<rest>(?:\s+[^\s\"']+)*)[\"']?\s*", line)
        if loose:
            yield from loose
        elif item and ours(item["name"]):
            yield mention(file, item["name"], (item["rest"].split() or [""])[0], bare=True)
        elif not line.startswith(("name:", "prefix:")):
            yield opaque(file, named(line) or "", line.strip())


def from_conda_lock(text: str, file: str) -> Iterator[Mention]:
    """Yield each package of conda-lock's unified lock file; one whose version is not where its schema has it is opaque.

    Only the keys of a package itself are read: what it depends on is named deeper.
    """
    _, _, packages = text.partition("\npackage:\n")
    for item in re.split(r"^- ", packages, flags=re.MULTILINE)[1:]:
        keys = dict(re.findall(r"^(?:  )?(name|version):[ \t]+[\"']?([^\s\"']+)[\"']?[ \t]*$", item, re.MULTILINE))
        if "name" not in keys:
            raise ValueError("a package of it has no name")
        if ours(keys["name"]):
            known = "version" in keys
            yield mention(file, keys["name"], keys["version"], bare=True) if known else opaque(file, keys["name"], item)
    if not packages:
        raise ValueError("it has no packages, as conda-lock's version 1 does")


def _uncommented(text: str) -> Iterable[str]:
    return (_COMMENT.sub("", line) for line in text.splitlines())


def _version(text: str) -> str | None:
    try:
        return str(Version(text))
    except InvalidVersion:
        return None
