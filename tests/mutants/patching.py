"""Gives live functions the code of a mutated file, without importing anything again.

A process that has imported the framework is forked for each mutant, which saves the import; there the one function
that the mutant changes gets new code in its place, whoever holds it already.
"""

# Read within a release's environment, and untyped like the suite.
# mypy: ignore-errors

import gc
import linecache
import types


class CannotApplyError(Exception):
    """The mutant does not compile, or fits none of the functions that live."""


def apply(file, source, function):
    """Give every live copy of a function its code in another text of its file.

    Args:
        file: the path that its code was compiled from.
        source: bytes of the whole file, mutated.
        function: qualified name of an outermost function of the file.

    Raises:
        CannotApplyError: see there.
    """
    try:
        module = compile(source, file, "exec")
    except SyntaxError as error:
        raise CannotApplyError(str(error)) from error
    told = {(code.co_qualname, code.co_firstlineno): code for code in _codes(module) if code.co_qualname == function}
    if not told:
        raise CannotApplyError(f"the mutated file has no {function}")
    changed = 0
    # What is frozen is not among the collector's objects.
    gc.unfreeze()
    for live in [each for each in gc.get_objects() if isinstance(each, types.FunctionType)]:
        code = live.__code__
        if code.co_filename == file and (code.co_qualname, code.co_firstlineno) in told:
            try:
                live.__code__ = told[code.co_qualname, code.co_firstlineno]
            except ValueError as error:
                raise CannotApplyError(str(error)) from error
            changed += 1
    if not changed:
        raise CannotApplyError(f"no live function is {function}")
    text = source.decode("utf-8")
    # What reads a function's source finds the mutated one.
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)


def _codes(code):
    yield code
    for each in code.co_consts:
        if isinstance(each, types.CodeType):
            yield from _codes(each)
