"""The loops: column generation, stages, construction, stopping, watching."""
