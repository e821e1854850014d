"""Runs of the engine's own fake world, which has no TensorFlow in it and no card."""

from tests.run.conftest import lock_text, shared_environments, shared_world, uv_cache, world

__all__ = ["lock_text", "shared_environments", "shared_world", "uv_cache", "world"]
