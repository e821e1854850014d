"""The cache is filled and used for real, in the engine's own fake world."""

from tests.run.conftest import lock_text, shared_environments, shared_world, uv_cache, world

__all__ = ["lock_text", "shared_environments", "shared_world", "uv_cache", "world"]
