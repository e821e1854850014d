"""The framework of the environment the suite runs in: what it is and what it offers."""

import contextlib
import importlib
import importlib.util
import os
import platform
import sys
import sysconfig

from bnregress.suite import sound
from bnregress.suite.engines import TITLES, load_engine
from bnregress.suite.finding import NotApplicable

#: Names of modules, for the record to tell where they come from; set where builds stand in for packages of a release.
ORIGINS = "BNREGRESS_ORIGINS"


class Framework:
    """Keras on its engine, as imported here.

    Attributes:
        engine: `bnregress.suite.engines.base.Engine`.
        keras: the Keras that comes with the engine, or another that stands in for it.
        keras_name: module that stands in for `tf.keras`, None if it is `tf.keras` itself.
        eager: False in graph mode, as in TensorFlow 1.
        device: what it computes on, for the record.
    """

    def __init__(self, engine, keras_name=None):
        self.engine = engine
        self.keras_name = keras_name or engine.keras_name
        self.keras = engine.keras if self.keras_name == engine.keras_name else self.require_module(self.keras_name)
        self.eager = engine.eager
        self.device = {"kind": "cpu", "name": platform.processor() or platform.machine()}
        self._sound = {}
        self._unsound = {}
        self._others = {}
        self._answers = {}

    @property
    def name(self):
        """Name and version as a person knows them: `TensorFlow 2.1.0`."""
        return self.engine.name

    @property
    def tf(self):
        """The module `tensorflow`.

        Raises:
            NotApplicable: Keras runs on another engine.
        """
        return self.engine.tensorflow

    def execution(self):
        """How networks are run and variables are read here, see `bnregress.suite.execution`."""
        return self.engine.execution(self)

    def array(self, tensor):
        """Value of a tensor or variable as a NumPy array; in eager mode."""
        return self.engine.array(tensor)

    def require_engine(self, key):
        """Return the engine, if it is this one.

        Raises:
            NotApplicable: Keras runs on another engine.
        """
        if self.engine.key != key:
            raise NotApplicable("Keras runs on {} here, not on {}".format(self.engine.title, TITLES[key]))
        return self.engine

    def require(self, dotted):
        """Return `tf.<dotted>`, what begins with `keras.` from the Keras that stands in for `tf.keras`.

        Raises:
            NotApplicable: this release does not have it; the reason names the part that is missing.
        """
        parts = dotted.split(".")
        if parts[0] == "keras" and self.keras_name:
            found, seen, parts = self.keras, self.keras_name, parts[1:]
        else:
            found, seen = self.tf, "tf"
        for part in parts:
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
        """Return what `ask(self)` returns, computed once per process; an answer of `NotApplicable` is raised again."""
        if ask not in self._answers:
            try:
                self._answers[ask] = ask(self), None
            except NotApplicable as absent:
                self._answers[ask] = None, absent
        answer, absent = self._answers[ask]
        if absent is not None:
            raise absent
        return answer

    def through(self, keras):
        """Return the framework as seen through another Keras, a module's name such as "tf_keras"; itself for None.

        Raises:
            NotApplicable: that Keras does not import beside this TensorFlow.
        """
        if keras in (None, self.engine.keras_name):
            return self
        if keras not in self._others:
            self._others[keras] = Framework(self.engine, keras)
        return self._others[keras]

    def sound_network(self, name="resnet50"):
        """Return a frozen network whose BatchNorm is itself sound here, so that what breaks later is the path's doing.

        It is found by trying and shared by all paths of the process, which must
        leave it as it is.

        Args:
            name: one of `bnregress.suite.sound.CANDIDATES`.

        Raises:
            NotApplicable: no network of this release keeps a frozen BatchNorm in inference mode.
        """
        return self._found(name)[0]

    def sound_code(self, name="resnet50"):
        """The lines that build the sound network in a repro script."""
        return self._found(name)[1]

    def twin(self, source):
        """Build the sound network `source` once more: same architecture and names, fresh weights, nothing frozen."""
        return next(build for network, _, build in self._sound.values() if network is source)(self)

    def _found(self, name):
        if name in self._unsound:
            raise self._unsound[name]
        if name not in self._sound:
            try:
                self._sound[name] = sound.find(self, name)
            except NotApplicable as none:
                self._unsound[name] = none
                raise
        return self._sound[name]

    def sgd(self, rate):
        """Plain gradient descent; in a graph the optimizers of Keras 2.11 and newer do not work, older ones do."""
        optimizers = self.keras.optimizers
        if not hasattr(optimizers, "SGD"):
            # The packages keras 2.5 and 2.6 do not say where theirs are, and take no others.
            optimizers = self.require_module(self.keras_name + ".optimizer_v2.gradient_descent")
        if not self.eager:
            # What releases lack, they have no attribute of, or one that cannot be called.
            with contextlib.suppress(AttributeError, ImportError):
                return optimizers.legacy.SGD(rate)
        return optimizers.SGD(rate)

    def begin(self):
        """Let go of what Keras keeps of earlier networks, and seed it, so that no cell depends on another.

        In graph mode this ends the session that holds all variables, so the
        sound networks are made anew when they are next requested.
        """
        for other in self._others.values():
            other.begin()
        self.keras.backend.clear_session()
        if not self.eager:
            self._sound.clear()
        self.engine.seed(0)

    def _keras_version(self):
        # With TF_USE_LEGACY_KERAS=1 and without tf_keras, every look at tf.keras raises.
        with contextlib.suppress(ImportError):
            return getattr(self.keras, "__version__", None)
        return None

    def facts(self):
        """What this environment is, for the record: versions, packages, device; JSON values only."""
        packages = _packages()
        return {
            self.engine.key: self.engine.version,
            "engine": self.engine.key,
            # TensorFlow 2.13 to 2.15 do not say it themselves.
            "keras": self._keras_version() or packages.get("keras"),
            "python": platform.python_version(),
            "numpy": sys.modules["numpy"].__version__,
            "packages": packages,
            "device": self.device,
            "eager": self.eager,
            "origins": _origins(os.environ.get(ORIGINS, "").split()),
        }


def load_framework(mode="default", engine=None):
    """Import the engine and its Keras, with the switch of a mode thrown, and say what they are.

    Args:
        mode: name of the mode.
        engine: its name; None for what `KERAS_BACKEND` says.
    """
    return Framework(load_engine(mode, engine))


def _origins(modules):
    """Where each module is imported from, or would be."""
    found = {}
    for name in modules:
        loaded = sys.modules.get(name)
        spec = None if loaded is not None else importlib.util.find_spec(name)
        found[name] = getattr(loaded, "__file__", None) or (spec.origin if spec is not None else None)
    return found


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
