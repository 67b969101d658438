"""Who somebody is: passwords, sessions, keys, tokens of the identity provider. Knows the database, no web framework."""
