"""Work of maintainers, outside the wheel: reference features, the findings page, stand-ins."""
