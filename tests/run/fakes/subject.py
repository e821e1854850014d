"""Stands for a network: what its path asks of the check."""


class Subject(str):
    def release(self):
        pass


def build_subject(framework, path, variant, fixture=None):
    return Subject(path.build(framework) if fixture is None else path.build(framework, fixture))
