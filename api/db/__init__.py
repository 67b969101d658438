"""Tables, engine and migrations; queries live in ``api.repositories``."""
