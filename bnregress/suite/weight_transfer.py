"""Weights carried between a frozen and an un-frozen twin through a file."""

import os
import tempfile

from bnregress.suite import networks


def carried(framework, source, name, save, load):
    """Carry the frozen `source`'s weights into an un-frozen twin, and those of an un-frozen twin into a frozen one.

    Args:
        framework: `bnregress.suite.framework.Framework`.
        source: the frozen network.
        name: of the file.
        save: takes a network and a file's path.
        load: takes a network and a file's path.

    Returns:
        The network that was loaded the first way where that changed a weight, else the one loaded the second way;
        either is frozen.
    """
    execution = framework.execution()
    with tempfile.TemporaryDirectory() as folder:
        thawed = framework.twin(source)
        _through(source, thawed, os.path.join(folder, "frozen", name), save, load)
        networks.freeze(thawed)
        if networks.changed_variables(source, thawed, execution):
            return thawed
        unfrozen, frozen = framework.twin(source), framework.twin(source)
        networks.assign_surrogate(unfrozen, execution)
        networks.freeze(frozen)
        _through(unfrozen, frozen, os.path.join(folder, "unfrozen", name), save, load)
    execution.release(thawed.weights + unfrozen.weights)
    return frozen


def _through(network, other, file, save, load):
    os.mkdir(os.path.dirname(file))
    save(network, file)
    load(other, file)


def has_layers_by_path(file):
    """Whether a file of weights keeps each layer below its path, as Keras 3 and Keras from 2.12 on write it."""
    import h5py

    with h5py.File(file, "r") as stored:
        return bool({"layers", "_layer_checkpoint_dependencies"} & set(stored))
