"""Search beyond the fixed probes, with Hypothesis: single layers in all their shapes, and orders of operations.

Fixed probes decide the verdicts of loading paths. What is found here is a
verdict of its own, on the path `search`, and only where its script shows it
again three times out of three.
"""
