"""Use cases as plain functions over a session and an actor. They never commit: whoever opened the transaction does."""
