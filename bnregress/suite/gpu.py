"""The GPU that TensorFlow computes on: that it is seen and works, how it is set up, and what it is."""

import contextlib
import os
import re
import subprocess
import sys
import tempfile

from bnregress.suite.nogpu import NoGpu, why

#: Set to `gpu` by whoever wants a GPU, and nothing else.
VARIABLE = "BNREGRESS_DEVICE"

#: Set to what this process may take of a GPU's memory, in MiB, where several processes share it.
MEMORY = "BNREGRESS_GPU_MEMORY"
#: Of a GPU that is split by a process which was not told what it may take, in MiB.
UNTOLD_MIB = 8192

_ON_CPU = re.compile(r"(?i)device:cpu:|^/?cpu:")


def wanted():
    """Whether this process is to compute on a GPU."""
    return os.environ.get(VARIABLE) == "gpu"


def first():
    """The device that a strategy of one replica is given, by name."""
    return "/gpu:0" if wanted() else "/cpu:0"


def load(load_framework, devices=1):
    """Import the framework, see that it computes on a GPU, and give the framework what the record says of the GPU.

    Args:
        load_framework: returns a `bnregress.suite.framework.Framework`.
        devices: how many GPUs its cells need; one that is seen alone is split.

    Raises:
        NoGpu: it does not; it is never left to compute on the processor.
    """
    framework, gpus = _seeing(load_framework)
    tf = framework.tf
    share = share_mib(len(gpus), devices)
    set_up(tf, gpus, share)
    try:
        _try_kernels(tf, share)
    except Exception as error:
        found = why(str(error), framework.name)
        if found.kind == "unknown":
            first = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
            found = NoGpu("unknown", "{} sees the GPU and cannot compute on it: {}".format(framework.name, first))
        raise found from error
    framework.device = facts(tf, gpus[0])
    if share:
        framework.device["memory"] = "grows up to {} MiB".format(sum(share))
    if devices > 1:
        framework.device["devices"] = "{} logical of one GPU".format(devices) if share[1:] else "several GPUs"
    return framework


def adopt(load_framework, model):
    """As `load`, where a person's own code has imported TensorFlow and built a model, and so set the GPU up.

    Raises:
        NoGpu: TensorFlow sees no GPU, or all that the model holds lies beside it.
    """
    framework, gpus = _seeing(load_framework)
    tf = framework.tf
    beside = [variable for variable in model.weights if lies_on_cpu(variable)]
    if beside and len(beside) == sum("float" in str(variable.dtype) for variable in model.weights):
        raise NoGpu("unknown", "all weights of the model lie on the processor and none on the GPU")
    # Whether memory grows cannot be changed any more; TF_FORCE_GPU_ALLOW_GROWTH has settled it.
    use_whole_float32(tf)
    framework.device = facts(tf, gpus[0])
    return framework


def _seeing(load_framework):
    """Return the framework and the GPUs that it sees; raises `NoGpu` if there are none."""
    with _listening() as heard:
        framework = load_framework()
        gpus = physical(framework.tf)
    if not gpus:
        raise why(heard[0], framework.name, framework.tf.test.is_built_with_cuda())
    return framework, gpus


def physical(tf):
    """Every GPU that TensorFlow sees; this sets none of them up."""
    listing = getattr(tf.config, "list_physical_devices", None) or tf.config.experimental.list_physical_devices
    return listing("GPU")


def share_mib(gpus, devices, environ=os.environ):
    """Memory of each logical device of a GPU, in MiB: a list; empty if the GPU is neither split nor shared.

    Args:
        gpus: how many are seen.
        devices: how many are needed; several GPUs are taken as they are, one is split.
        environ: `MEMORY` is what this process may take of a GPU.
    """
    parts = devices if gpus < devices else 1
    memory = int(environ.get(MEMORY) or 0)
    if parts == 1 and not memory:
        return []
    return [(memory or UNTOLD_MIB) // parts] * parts


def set_up(tf, gpus, share=()):
    """Let memory grow as it is used, up to a share of it where one is given, and compute with whole float32.

    Args:
        tf: TensorFlow, which has not computed yet.
        gpus: as of `physical`.
        share: see `share_mib`. That it grows is then told by TF_FORCE_GPU_ALLOW_GROWTH alone: `set_memory_growth` and
            logical devices exclude each other.

    TF32 rounds what convolutions multiply to 11 bits, and is what TensorFlow 2.4
    and newer take on compute capability 8.0 and newer. It is turned off, not
    tolerated: 2**-11 at every input is a hundred times what the tolerances of
    float32 allow over a network, and would hide as much.
    """
    for gpu in gpus:
        if share:
            split(tf, gpu, share)
        else:
            tf.config.experimental.set_memory_growth(gpu, True)
    use_whole_float32(tf)


def split(tf, device, share):
    """Split a GPU into logical devices of so many MiB each; must come before TensorFlow is first used."""
    made = getattr(tf.config, "LogicalDeviceConfiguration", None)
    if made is not None:
        tf.config.set_logical_device_configuration(device, [made(memory_limit=mib) for mib in share])
        return
    experimental = tf.config.experimental
    limits = [experimental.VirtualDeviceConfiguration(memory_limit=mib) for mib in share]
    experimental.set_virtual_device_configuration(device, limits)


def use_whole_float32(tf):
    """Turn TF32 off, where a release knows it."""
    switch = getattr(tf.config.experimental, "enable_tensor_float_32_execution", None)
    if switch is not None:
        switch(False)


def facts(tf, gpu):
    """What the GPU and its surroundings are, for the record: text by name, what is not known left out."""
    build = _build_info(tf)
    found = {
        "kind": "gpu",
        "driver": driver(),
        "cuda": build.get("cuda_version"),
        "cudnn": build.get("cudnn_version"),
        "tf32": "off" if hasattr(tf.config.experimental, "enable_tensor_float_32_execution") else None,
        "memory": "grows",
        "deterministic": "operations" if os.environ.get("TF_DETERMINISTIC_OPS") == "1" else "cuDNN",
    }
    found.update(_described(tf, gpu))
    found["name"] = found.get("name") or "an unnamed GPU"
    return {name: str(value) for name, value in found.items() if value}


def driver(proc="/proc/driver/nvidia/version"):
    """Version of the driver, None if neither the kernel nor nvidia-smi says it."""
    with contextlib.suppress(OSError):
        with open(proc, encoding="utf-8") as stream:
            found = re.search(r"^NVRM version:.*?\s(\d+\.\d+(?:\.\d+)?)\s", stream.read(), re.MULTILINE)
        if found:
            return found.group(1)
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        asked = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
        return subprocess.check_output(asked, universal_newlines=True, timeout=30).split()[0]
    return None


def missed_by(subject):
    """Return a `NoGpu` where the subject's network lies beside the GPU, None if it is on it, as it should be."""
    devices = elsewhere(subject.network)
    if not devices:
        return None
    return NoGpu("unknown", "variables of the network lie on {} and not on the GPU".format(", ".join(devices)))


def elsewhere(network):
    """Processors that the network's variables lie on, by what TensorFlow says; sorted, often empty."""
    return sorted({_device(variable) for variable in network.weights if lies_on_cpu(variable)})


def lies_on_cpu(variable):
    """Whether a variable of floating point lies on the processor, by what TensorFlow says."""
    device = _device(variable)
    return isinstance(device, str) and bool(_ON_CPU.search(device)) and "float" in str(variable.dtype)


def _device(variable):
    holder = variable if hasattr(variable, "handle") else getattr(variable, "value", variable)
    return getattr(holder, "device", None)


def _build_info(tf):
    with contextlib.suppress(AttributeError, ImportError):
        return dict(tf.sysconfig.get_build_info())
    # TensorFlow 1.15 to 2.2 have it elsewhere, and under other names.
    with contextlib.suppress(AttributeError, ImportError):
        from tensorflow.python.platform import build_info

        names = {"cuda_version": "cuda_version_number", "cudnn_version": "cudnn_version_number"}
        return {name: getattr(build_info, other, None) for name, other in names.items()}
    return {}


def _described(tf, gpu):
    with contextlib.suppress(AttributeError):
        details = tf.config.experimental.get_device_details(gpu)
        return {
            "name": details.get("device_name"),
            "capability": ".".join(map(str, details.get("compute_capability", ()))),
        }
    # TensorFlow 2.2 and older tell it in a line, as "device: 0, name: ..., compute capability: 7.5".
    from tensorflow.python.client import device_lib

    for device in device_lib.list_local_devices():
        found = re.search(r"name: (.+?), pci.*compute capability: ([\d.]+)", device.physical_device_desc or "")
        if found:
            return {"name": found.group(1), "capability": found.group(2)}
    return {}


def _try_kernels(tf, share):
    """Compute a convolution on the GPU and nowhere else, in a graph of its own, which works in every release."""
    v1 = tf.compat.v1
    graph = tf.Graph()
    with graph.as_default(), tf.device("/GPU:0"):
        # Fed, not constant: what is constant is computed beforehand, on the processor.
        images = v1.placeholder(tf.float32, (1, 8, 8, 3))
        kernel = v1.placeholder(tf.float32, (3, 3, 3, 2))
        answer = v1.nn.conv2d(images, kernel, strides=[1, 1, 1, 1], padding="SAME")
    config = v1.ConfigProto(allow_soft_placement=False)
    config.gpu_options.allow_growth = True
    if share:
        # A GPU's memory is settled by who uses it first in a process.
        config.gpu_options.experimental.virtual_devices.add().memory_limit_mb.extend(share)
    import numpy as np

    feeds = {images: np.ones((1, 8, 8, 3), np.float32), kernel: np.ones((3, 3, 3, 2), np.float32)}
    with v1.Session(graph=graph, config=config) as session:
        value = session.run(answer, feeds)
    if float(value[0, 4, 4, 0]) != 27.0:
        raise ArithmeticError("a convolution of ones gave {} where 27 is right".format(value[0, 4, 4, 0]))


@contextlib.contextmanager
def _listening():
    """Hear what is written to standard error, by C++ too, and pass it on afterwards.

    Yields:
        a list that holds the whole text once the block has ended.
    """
    heard = []
    with tempfile.TemporaryFile() as file:
        sys.stderr.flush()
        kept = os.dup(2)
        os.dup2(file.fileno(), 2)
        try:
            yield heard
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
            file.seek(0)
            heard.append(file.read().decode("utf-8", "replace"))
            with contextlib.suppress(OSError):
                os.write(2, heard[0].encode("utf-8"))
