"""Stands for a network: the behaviour that its path asks of the checks."""


class Subject:
    def __init__(self, behaviour, variant):
        self.behaviour = behaviour
        self.variant = variant

    def release(self):
        pass


def build_subject(framework, path, variant):
    if variant not in ("default", "freeze=model"):
        raise ValueError(f"unknown variant {variant!r}")
    return Subject(path.build(framework), variant)
