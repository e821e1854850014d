"""Options that a person may also give in `[tool.bnregress]` of a pyproject.toml or in the environment."""
