"""The framework of the environment the suite runs in: what it is and what it offers."""

import contextlib
import importlib
import platform
import sys
import sysconfig

from bnregress.suite import sound
from bnregress.suite.finding import NotApplicable
from bnregress.suite.variants.mode import import_in


class Framework:
    """TensorFlow as imported here.

    Attributes:
        tf: the `tensorflow` module.
        keras: the Keras that `tf.keras` is.
        eager: False in graph mode, as in TensorFlow 1.
    """

    def __init__(self, tf):
        self.tf = tf
        self.keras = tf.keras
        self.eager = bool(tf.executing_eagerly())
        self._sound = None
        self._sound_code = None
        self._unsound = None
        self._answers = {}

    @property
    def name(self):
        """Name and version as a person knows them: `TensorFlow 2.1.0`."""
        return "TensorFlow {}".format(self.tf.__version__)

    def require(self, dotted):
        """Return `tf.<dotted>`.

        Raises:
            NotApplicable: this release does not have it; the reason names the part that is missing.
        """
        found, seen = self.tf, "tf"
        for part in dotted.split("."):
            seen += "." + part
            try:
                found = getattr(found, part)
            except (AttributeError, ImportError) as error:
                raise NotApplicable("this release has no {} ({})".format(seen, _first_line(error))) from error
        return found

    def require_module(self, name):
        """Import and return a package that not every release's environment can have.

        Raises:
            NotApplicable: it is not installed, or does not import beside this TensorFlow.
        """
        try:
            return importlib.import_module(name)
        except ImportError as error:
            reason = "the package {} does not import beside this release ({})".format(name, _first_line(error))
            raise NotApplicable(reason) from error

    def once(self, ask):
        """Return what `ask(self)` returns, asked once in the process; an answer of `NotApplicable` is raised again."""
        if ask not in self._answers:
            try:
                self._answers[ask] = ask(self), None
            except NotApplicable as absent:
                self._answers[ask] = None, absent
        answer, absent = self._answers[ask]
        if absent is not None:
            raise absent
        return answer

    def sound_network(self):
        """Return a frozen ResNet50 whose BatchNorm is itself sound here, so that what breaks later is the path's doing.

        It is found by trying and shared by all paths of the process, which must
        leave it as it is.

        Raises:
            NotApplicable: no network of this release keeps a frozen BatchNorm in inference mode.
        """
        if self._unsound is not None:
            raise self._unsound
        if self._sound is None:
            try:
                self._sound, self._sound_code = sound.find(self)
            except NotApplicable as none:
                self._unsound = none
                raise
        return self._sound

    def sound_code(self):
        """The line that builds the sound network in a repro script."""
        self.sound_network()
        return self._sound_code

    def sgd(self, rate):
        """Plain gradient descent; in a graph the optimizers of Keras 2.11 and newer do not work, older ones do."""
        if not self.eager:
            # What releases lack, they have no attribute of, or one that cannot be called.
            with contextlib.suppress(AttributeError, ImportError):
                return self.keras.optimizers.legacy.SGD(rate)
        return self.keras.optimizers.SGD(rate)

    def begin(self):
        """Let go of what Keras keeps of earlier networks, and seed it, so that no cell depends on another.

        In graph mode this ends the session that holds all variables, so the
        sound network is made anew when it is next asked for.
        """
        self.keras.backend.clear_session()
        # With deterministic ops, TensorFlow 2.7 to 2.9 build nothing without a seed.
        self.tf.compat.v1.set_random_seed(0)
        if not self.eager:
            self._sound = None

    def facts(self):
        """What this environment is, for the record: versions, packages, device; JSON values only."""
        packages = _packages()
        return {
            "tensorflow": self.tf.__version__,
            # TensorFlow 2.13 to 2.15 do not say it themselves.
            "keras": getattr(self.keras, "__version__", packages.get("keras")),
            "python": platform.python_version(),
            "numpy": sys.modules["numpy"].__version__,
            "packages": packages,
            "device": {"kind": "cpu", "name": platform.processor() or platform.machine()},
            "eager": self.eager,
        }


def load_framework(mode="default"):
    """Import TensorFlow, with the switch of a mode thrown, and say what it is."""
    return Framework(import_in(mode, lambda: importlib.import_module("tensorflow")))


def _first_line(error):
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _packages():
    """Name and version of each package that the environment's own folders hold.

    Not of every folder on sys.path: some releases of TensorFlow put vendored
    packages of setuptools there.
    """
    try:
        from importlib import metadata  # novm - the fallback is below
    except ImportError:  # CPython 3.7
        import importlib_metadata as metadata
    folders = sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
    found = {each.metadata["Name"]: each.version for each in metadata.distributions(path=folders)}
    return dict(sorted(found.items(), key=lambda package: package[0].lower()))
