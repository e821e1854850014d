"""What an environment is that a person brings: its Python, its packages, its TensorFlow, and a hash of its files.

The host reads this file and hands its text to the environment's interpreter, which may be of any version: so it imports
nothing of bnregress, and its syntax is one that Python 2.7 knows too, down to where the version is told.
"""

import json
import os
import sys

#: The line of standard output that the answer stands on; start-up files of the environment may print others.
MARK = "bnregress-environment "

#: Where packages are, all of whose files count; of other folders on the path, source and libraries do.
_SITES = ("site-packages", "dist-packages")
_SOURCES = (".py", ".so", ".pth", ".pyd", "METADATA", "PKG-INFO", "RECORD")
_LIBRARIES = {
    "cuda": ("cudart", ("13", "12", "11.0", "10.2", "10.1", "10.0"), "cudaRuntimeGetVersion"),
    "cudnn": ("cudnn", ("9", "8", "7"), "cudnnGetVersion"),
}


def main(request):
    """Print what the environment is.

    Args:
        request: `framework`, whether to import TensorFlow; `modules`, whose presence is to be told.
    """
    # The current folder must not answer for the environment.
    sys.path[:] = [entry for entry in sys.path if entry]
    said = {"version": list(sys.version_info[:3])}
    if sys.version_info >= (3, 7):
        folders = _folders(request["modules"])
        said["modules"] = [name for name in request["modules"] if _spec(name)]
        said["packages"], said["records"] = _packages(folders)
        said["files"] = _files(folders)
        if request["framework"]:
            _tell(said)
            said.update(_framework(said["packages"]))
    _tell(said)


def _tell(said):
    sys.stdout.flush()
    sys.stdout.write("\n" + MARK + json.dumps(said) + "\n")
    sys.stdout.flush()


def _spec(name):
    from importlib.util import find_spec

    try:
        return find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return None


def _folders(modules):
    """Every folder that packages are imported from, in order, the standard library's own left out."""
    import sysconfig

    standard = {os.path.realpath(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")}
    standard |= {os.path.join(path, "lib-dynload") for path in standard}
    found = [os.path.realpath(entry) for entry in sys.path]
    # An editable installation may be found by a hook, and stand on no path.
    for name in modules:
        spec = _spec(name)
        found += [os.path.realpath(place) for place in (spec and spec.submodule_search_locations) or ()]
    folders = []
    for path in found:
        if path not in standard and path not in folders and os.path.isdir(path):
            folders.append(path)
    return folders


def _packages(folders):
    """Versions by name as their metadata tell, and for each package a hash of what it says of its own files."""
    import hashlib

    versions, records, seen = {}, {}, set()
    for folder in folders:
        for entry in sorted(os.listdir(folder)):
            if not entry.endswith((".dist-info", ".egg-info")):
                continue
            place = os.path.join(folder, entry)
            name, version = _metadata(place)
            key = (name or "").lower().replace("_", "-").replace(".", "-")
            if not name or key in seen:
                continue
            seen.add(key)
            versions[name] = version
            # Scripts name the environment's folder, and what is in .dist-info how it was installed.
            rows = [row for row in _lines(os.path.join(place, "RECORD")) if "sha256=" in row]
            rows = sorted(row for row in rows if ".dist-info/" not in row and not row.startswith(".."))
            records[name] = hashlib.sha256("\n".join(rows).encode("utf-8")).hexdigest() if rows else ""
    return versions, records


def _metadata(place):
    name = version = None
    file = place if os.path.isfile(place) else None
    for candidate in (file, os.path.join(place, "METADATA"), os.path.join(place, "PKG-INFO")):
        for line in _lines(candidate) if candidate else ():
            if not line.strip():
                break
            if line.startswith("Name:"):
                name = line.partition(":")[2].strip()
            elif line.startswith("Version:"):
                version = line.partition(":")[2].strip()
        if name and version:
            return name, version
    return None, None


def _lines(file):
    try:
        with open(file, encoding="utf-8", errors="replace") as stream:
            return stream.read().splitlines()
    except OSError:
        return []


def _files(folders):
    """A hash of the name, size and time of every file that packages consist of."""
    import hashlib

    lines, seen = [], set()
    # A folder within another first, for a walk leaves out what is hidden and what is an environment: with a project on
    # PYTHONPATH, the packages of its own .venv are below it.
    for folder in sorted(folders, key=len, reverse=True):
        whole = any(part in _SITES for part in folder.split(os.sep))
        for root, subfolders, names in os.walk(folder, followlinks=True):
            real = os.path.realpath(root)
            if real in seen or (root != folder and os.path.isfile(os.path.join(root, "pyvenv.cfg"))):
                del subfolders[:]
                continue
            seen.add(real)
            subfolders[:] = [name for name in subfolders if name != "__pycache__" and not name.startswith(".")]
            for name in names:
                if name.endswith(".pyc") or not (whole or name.endswith(_SOURCES)):
                    continue
                try:
                    found = os.stat(os.path.join(root, name))
                except OSError:
                    continue
                lines.append("{}\0{}\0{}\0{}".format(root, name, found.st_size, found.st_mtime_ns))
    return hashlib.sha256("\n".join(sorted(lines)).encode("utf-8", "surrogateescape")).hexdigest()


def _framework(packages):
    """What TensorFlow is here; or why it does not import."""
    try:
        import numpy
        import tensorflow as tf

        version = getattr(tf, "__version__", None)
        if version is None:
            return {"broken": "a module tensorflow without __version__ is imported from {}".format(_origin(tf))}
        keras = getattr(tf.keras, "__version__", None)
    except BaseException as error:
        text = str(error).strip().splitlines()
        return {"broken": "{}: {}".format(type(error).__name__, text[0] if text else "no reason is given")}
    built = _build_info(tf)
    return {
        "tensorflow": version,
        "keras": keras or packages.get("keras"),
        "numpy": numpy.__version__,
        "built_with_cuda": bool(built),
        "built": built,
        "found": {name: version for name, version in ((name, _library(name)) for name in _LIBRARIES) if version},
    }


def _origin(module):
    return getattr(module, "__file__", None) or "{}".format(getattr(module, "__path__", "an unknown place"))


def _build_info(tf):
    """CUDA and cuDNN that TensorFlow was built with; nothing if without."""
    if not tf.test.is_built_with_cuda():
        return {}
    try:
        info = dict(tf.sysconfig.get_build_info())
    except (AttributeError, ImportError):
        from tensorflow.python.platform import build_info

        info = {
            "cuda_version": getattr(build_info, "cuda_version_number", None),
            "cudnn_version": getattr(build_info, "cudnn_version_number", None),
        }
    return {name: str(info.get(name + "_version") or "unknown") for name in ("cuda", "cudnn")}


def _library(name):
    """The version of CUDA's runtime or of cuDNN that is found here, by the library itself; None if there is none."""
    stem, endings, function = _LIBRARIES[name]
    files = ["lib{}.so.{}".format(stem, ending) for ending in endings]
    wheels = [os.path.join(entry, "nvidia") for entry in sys.path if os.path.isdir(os.path.join(entry, "nvidia"))]
    folder = "cuda_runtime" if name == "cuda" else name
    places = [os.path.join(wheel, folder, "lib", file) for wheel in wheels for file in files] + files
    return next(filter(None, (_told(place, function) for place in places)), None)


def _told(place, function):
    import ctypes

    try:
        library = ctypes.CDLL(place)
        if function == "cudnnGetVersion":
            library.cudnnGetVersion.restype = ctypes.c_size_t
            number = library.cudnnGetVersion()
            # 8907 is 8.9.7, and 91900 is 9.19.0.
            major = 10000 if number >= 90000 else 1000
            return "{}.{}.{}".format(number // major, number % major // 100, number % 100)
        number = ctypes.c_int()
        getattr(library, function)(ctypes.byref(number))
        return "{}.{}".format(number.value // 1000, number.value % 1000 // 10)
    except (OSError, AttributeError):
        return None


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
