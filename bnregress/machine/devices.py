"""What a release can run on."""

from __future__ import annotations

DEVICES = CPU, GPU = ("cpu", "gpu")
#: A GPU for each release that can use one, else the CPU.
AUTO = "auto"
#: What is planned for if nobody says.
DEFAULT_DEVICE = AUTO
