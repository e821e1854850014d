"""Why TensorFlow sees no GPU, read from its own log."""

import re
from collections import OrderedDict

# Lines that releases write, by what they mean.
DRIVER_TOO_OLD = (
    r"driver version is insufficient for CUDA runtime version",
    r"CUDA_ERROR_(?:SYSTEM_DRIVER_MISMATCH|COMPAT_NOT_SUPPORTED_ON_DEVICE|UNSUPPORTED_PTX_VERSION)",
    r"CUDA_ERROR_INVALID_IMAGE.*driver",
    r"kernel version .* does not match DSO version",
)
NO_DRIVER = (
    r"Could not (?:dlopen|load dynamic) library 'libcuda\.so",
    r"Could not find cuda drivers on your machine",
    r"kernel driver does not appear to be running on this host",
    r"/proc/driver/nvidia/version does not exist",
)
LIBRARIES = (r"Could not (?:dlopen|load dynamic) library '(lib(?!cuda\.so|nvinfer)[^']+)'",)
#: From 2.11 on this is all that is written at the ordinary level.
LIBRARIES_UNNAMED = (r"Cannot dlopen some GPU libraries",)
CAPABILITY = (
    r"compute capability:? (\d+\.\d+)\)? with Cuda compute capability",
    r"no kernel image is available for execution on the device",
    r"CUDA_ERROR_NO_BINARY_FOR_GPU",
    r"device kernel image is invalid",
    r"CUDA_ERROR_INVALID_PTX",
)
NO_DEVICE = (r"CUDA_ERROR_NO_DEVICE", r"no CUDA-capable device is detected", r"CUDA_ERROR_INVALID_DEVICE")

_REMEDIES = {
    "no-driver": "Install NVIDIA's driver; a container needs the NVIDIA container toolkit and `--gpus`.",
    "driver-too-old": "Install a newer driver, and restart the machine after an update.",
    "libraries": "Install them on the machine, of the CUDA and cuDNN versions that docs/gpu.md names for this release,"
    " and name their folders in LD_LIBRARY_PATH.",
    "capability": "Run this release on another GPU or with --device cpu; newer releases serve newer GPUs.",
    "no-device": "See what `nvidia-smi` says, and whether CUDA_VISIBLE_DEVICES or the container hides the GPU.",
    "not-built": "Install the wheel that bnregress's lock for the GPU names.",
    "unknown": "Read the release's log.",
}


class NoGpu(Exception):
    """TensorFlow cannot compute on a GPU here.

    Attributes:
        kind: `no-driver`, `driver-too-old`, `libraries`, `capability`, `no-device`, `not-built` or `unknown`.
        reason: one sentence for a person.
        remedy: what helps.
    """

    def __init__(self, kind, reason):
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.remedy = _REMEDIES[kind]


def why(log, release, built_with_cuda=True):
    """Tell the reasons apart.

    Args:
        log: what TensorFlow wrote while it was imported, looked for GPUs, or tried one.
        release: name and version for the sentence, as `TensorFlow 2.15.1`.
        built_with_cuda: what the release says of itself.

    Returns:
        `NoGpu`, to be raised.
    """
    if not built_with_cuda:
        return NoGpu("not-built", "{} is installed from a wheel that was built without CUDA".format(release))
    if _any(DRIVER_TOO_OLD, log):
        return NoGpu("driver-too-old", "the driver is too old for {}: {}".format(release, _any(DRIVER_TOO_OLD, log)))
    missing = list(OrderedDict.fromkeys(re.findall(LIBRARIES[0], log)))
    if _any(NO_DRIVER, log):
        also = ", nor {}".format(", ".join(missing)) if missing else ""
        return NoGpu("no-driver", "{} finds no NVIDIA driver at work{}".format(release, also))
    if _any(CAPABILITY, log):
        return NoGpu("capability", "{} has no code for this GPU: {}".format(release, _any(CAPABILITY, log)))
    if missing:
        return NoGpu("libraries", "{} does not find the CUDA libraries {}".format(release, ", ".join(missing)))
    if _any(LIBRARIES_UNNAMED, log):
        return NoGpu("libraries", "{} does not find CUDA libraries, and does not say which".format(release))
    if _any(NO_DEVICE, log):
        return NoGpu("no-device", "{} is shown no GPU by the driver".format(release))
    said = [line for line in log.splitlines() if re.search(r"(?:: [WE] |^[WE]\d{4} ).*\.cc:\d+\]", line)]
    last = ": {}".format(_message(said[-1])) if said else ""
    return NoGpu("unknown", "{} sees no GPU, and its log does not say why{}".format(release, last))


def _any(patterns, log):
    """The message of the first line that fits one of the patterns, None if none does."""
    for line in log.splitlines():
        if any(re.search(pattern, line) for pattern in patterns):
            return _message(line)
    return None


def _message(line):
    """A line less its time and its place in TensorFlow's source, and not too long."""
    text = re.sub(r"^.*?\.cc:\d+\] ", "", line).strip()
    return text if len(text) <= 200 else text[:200] + " ..."
